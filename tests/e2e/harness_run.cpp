// See harness_run.hpp. /proc is read as it is: a process may end between two reads.
#include "tests/e2e/harness_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace boxoffice::tests {

namespace {

namespace fs = std::filesystem;

struct Stat {
  std::string name, state, started;
  pid_t parent = 0;
};

// proc(5): "pid (name) state ppid ..."; the start time is the 22nd field.
std::optional<Stat> stat_of(pid_t pid) {
  const std::string text = text_of(fmt::format("/proc/{}/stat", pid));
  const auto open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  Stat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  std::istringstream fields(text.substr(close + 2));
  fields >> stat.state >> stat.parent;
  for (int field = 5; field <= 22; ++field) fields >> stat.started;
  return stat;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> processes;
  for (const fs::path& entry : entries_of("/proc")) {
    const std::string name = entry.filename();
    if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
      processes.push_back(std::stoi(name));
    }
  }
  return processes;
}

// "/dev/shm/boxoffice-postgresql-AbCdEf/data" -> the directory that mkdtemp made.
std::optional<fs::path> temporary_directory_in(const std::string& argument) {
  const std::string parent = "/dev/shm/boxoffice-";
  const auto at = argument.rfind(parent);
  if (at == std::string::npos) return std::nullopt;
  return argument.substr(at, argument.find('/', at + parent.size()) - at);
}

}  // namespace

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code ignored;
  for (fs::directory_iterator each(directory, ignored), end; !ignored && each != end;
       each.increment(ignored)) {
    entries.push_back(each->path());
  }
  return entries;
}

Family::Family(pid_t parent) {
  std::set<pid_t> known = {parent};
  for (bool grew = true; grew;) {
    grew = false;
    for (const pid_t pid : all_processes()) {
      const auto stat = stat_of(pid);
      if (!stat || known.contains(pid) || !known.contains(stat->parent)) continue;
      known.insert(pid);
      grew = true;
      std::string command;
      std::istringstream arguments(text_of(fmt::format("/proc/{}/cmdline", pid)));
      for (std::string argument; std::getline(arguments, argument, '\0');) {
        command += argument + " ";
        const auto directory = temporary_directory_in(argument);
        if (directory) directories_.insert(*directory);
      }
      members_.push_back({pid, stat->started, command});
    }
  }
}

pid_t Family::find(const std::string& part) const {
  const auto has_part = [&](const Member& member) {
    return member.command.find(part) != std::string::npos;
  };
  const auto found = std::ranges::find_if(members_, has_part);
  return found == members_.end() ? 0 : found->pid;
}

void Family::signal(int number) const {
  for (const Member& member : members_) ::kill(member.pid, number);
}

std::string Family::left() const {
  std::string left;
  for (const Member& member : members_) {
    const auto stat = stat_of(member.pid);
    // A zombie that our init does not reap runs no more.
    if (!stat || stat->started != member.started || stat->state == "Z") continue;
    left += fmt::format("process {} {} ({})\n", member.pid, stat->name, stat->state);
  }
  for (const fs::path& directory : directories_) {
    if (fs::exists(directory)) left += directory.string() + "\n";
  }
  return left;
}

Program HarnessTest::start(const std::string& command, const std::vector<std::string>& flags,
                           const Environment& environment) {
  std::vector<std::string> arguments = {command,  "--durability", "relaxed",      "--storage",
                                        "memory", "-o",           runs().string()};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return Program(workspace_, "boxoffice", arguments, environment);
}

Ran HarnessTest::run(const std::string& command, const std::vector<std::string>& flags,
                     const Environment& environment) {
  return start(command, flags, environment).wait();
}

fs::path HarnessTest::only_run() const {
  const auto found = entries_of(runs());
  EXPECT_EQ(1U, found.size());
  return found.empty() ? fs::path("no run") : found.front();
}

Family HarnessTest::family_with(Program& harness, const std::string& part) {
  std::optional<Family> family;
  EXPECT_TRUE(eventually(
      [&] {
        family.emplace(harness.pid());
        return family->find(part) != 0 || !harness.process().running();
      },
      120s));  // a comparison prepares its database and measures what that does alone before
  EXPECT_NE(0, family->find(part)) << part << " was never started: " << harness.err();
  return *family;
}

void HarnessTest::expect_nothing_left(const Family& family, std::chrono::milliseconds bound) {
  const auto nothing = [&] {
    return family.left().empty() && entries_of(workspace_.tmp()).empty();
  };
  EXPECT_TRUE(eventually(nothing, bound)) << family.left();
  expect_empty_tmp();
}

void HarnessTest::expect_empty_tmp() {
  for (const fs::path& entry : entries_of(workspace_.tmp())) {
    ADD_FAILURE() << "left behind: " << entry;
  }
}

void HarnessTest::expect_one_line(const Ran& ran, int code, const std::string& about) {
  EXPECT_EQ(code, ran.code);
  EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
  EXPECT_TRUE(ran.err.starts_with("boxoffice: ")) << ran.err;
  EXPECT_NE(std::string::npos, ran.err.find(about)) << ran.err;
}

void expect_code_or_saturated(const Ran& ran, int code) {
  const bool saturated = ran.out.find("the figure is invalid: ") != std::string::npos;
  EXPECT_EQ(saturated ? 12 : code, ran.code) << ran.out << ran.err;
}

boost::json::value json_of(const fs::path& file) {
  boost::system::error_code error;
  auto value = boost::json::parse(text_of(file), error);
  EXPECT_FALSE(error) << file << ": " << error.message();
  return value;
}

}  // namespace boxoffice::tests
