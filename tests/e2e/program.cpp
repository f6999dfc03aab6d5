// See program.hpp. harness::Process joins stdout and stderr; a shell that is replaced at once by
// the program (`exec`, so the process id is the program's) parts them.
#include "tests/e2e/program.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

namespace boxoffice::tests {

namespace {

namespace fs = std::filesystem;

fs::path new_files(const Workspace& workspace) {
  static std::atomic<int> count = 0;
  const fs::path files = workspace.path() / ("program-" + std::to_string(++count));
  fs::create_directory(files);
  return files;
}

harness::Command command_of(const Workspace& workspace, const fs::path& files,
                            const std::string& name, const std::vector<std::string>& arguments,
                            const Environment& environment) {
  harness::Command command;
  command.directory = workspace.path();
  command.argv = {"env", "TMPDIR=" + workspace.tmp().string()};
  for (const auto& [variable, value] : environment) command.argv.push_back(variable + "=" + value);
  const std::string redirect =
      R"(exec "$@" >)" + (files / "out").string() + " 2>" + (files / "err").string();
  const std::string program = built_program(name).string();
  command.argv.insert(command.argv.end(), {"sh", "-c", redirect, "sh", program});
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

fs::path built_program(const std::string& name) {
  return fs::path(BOXOFFICE_BIN_DIR) / name;
}

Workspace::Workspace() : directory_(harness::temporary_root(), "e2e") {
  fs::permissions(path(), fs::perms(0755));
  fs::create_directory(tmp());
  fs::permissions(tmp(), fs::perms(0777) | fs::perms::sticky_bit);
}

Program::Program(const Workspace& workspace, const std::string& name,
                 const std::vector<std::string>& arguments, const Environment& environment)
    : files_(new_files(workspace)),
      process_(command_of(workspace, files_, name, arguments, environment)) {}

void Program::interrupt() {
  ::kill(-pid(), SIGINT);
}

Ran Program::wait(std::chrono::milliseconds bound) {
  Ran ran;
  if (const auto code = process_.wait_for(bound)) {
    ran.code = *code;
  } else {
    process_.end(SIGKILL, 5s);
  }
  ran.out = out();
  ran.err = err();
  return ran;
}

std::string Program::out() const {
  return text_of(files_ / "out");
}

std::string Program::err() const {
  return text_of(files_ / "err");
}

Ran run_program(const Workspace& workspace, const std::string& name,
                const std::vector<std::string>& arguments, const Environment& environment) {
  return Program(workspace, name, arguments, environment).wait();
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();  // of a process that ends while it is read (/proc) what was there
  return text.str();
}

std::size_t count_lines(const std::string& text) {
  const auto newlines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  return newlines + (text.empty() || text.back() == '\n' ? 0 : 1);
}

bool pause_until(std::chrono::steady_clock::time_point give_up) {
  if (std::chrono::steady_clock::now() >= give_up) return false;
  std::this_thread::sleep_for(5ms);
  return true;
}

}  // namespace boxoffice::tests
