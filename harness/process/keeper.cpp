// See keeper.hpp. The keeper's side uses plain system calls and containers only; it never returns
// from run().
#include "harness/process/keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include "harness/process/removal.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

// Runs still? A zombie that nobody reaps does not: it is our grandparent's, not ours to wait for.
bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(stat, line)) return false;
  const auto name_end = line.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= line.size() || line[name_end + 2] != 'Z';
}

// Asks first, then insists. SIGQUIT is PostgreSQL's immediate shutdown; other servers end on it
// too. Each process leads a group of its own, which holds what it started in turn: the program
// that mariadb-install-db runs would outlive that script.
void end_processes(const std::set<pid_t>& processes) {
  for (const pid_t pid : processes) kill(-pid, SIGQUIT);
  const auto give_up = std::chrono::steady_clock::now() + 3s;
  for (const pid_t pid : processes) {
    while (alive(pid) && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(10ms);
    kill(-pid, SIGKILL);
  }
}

void carry_out(std::string_view line, std::set<pid_t>& processes,
               std::set<std::string>& directories) {
  const std::string what(line.substr(1));
  switch (line.front()) {
    case 'P':
      processes.insert(std::stoi(what));
      break;
    case 'p':
      processes.erase(std::stoi(what));
      break;
    case 'D':
      directories.insert(what);
      break;
    case 'd':
      directories.erase(what);
      break;
    default:
      break;
  }
}

[[noreturn]] void run(int from_harness) {
  setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  prctl(PR_SET_NAME, "boxoffice-keep");
  std::set<pid_t> processes;
  std::set<std::string> directories;
  std::string pending;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(from_harness, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(buffer, static_cast<std::size_t>(got));
    for (std::size_t end; (end = pending.find('\n')) != std::string::npos;
         pending.erase(0, end + 1)) {
      carry_out(std::string_view(pending).substr(0, end), processes, directories);
    }
  }
  end_processes(processes);
  for (const std::string& directory : directories) remove_with_memory(directory);
  _exit(0);
}

}  // namespace

Keeper& Keeper::instance() {
  static Keeper keeper;
  return keeper;
}

Keeper::Keeper() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    // Inherited descriptors, a pipe of the harness's output above all, must not stay open through
    // us.
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
    close(ends[1]);
    run(ends[0]);
  }
  close(ends[0]);
  pipe_ = ends[1];
}

void Keeper::tell(char verb, const std::string& what) {
  const std::string line = verb + what + "\n";
  // Lines are short of PIPE_BUF, so that one write is atomic among threads.
  if (write(pipe_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::system_error(errno, std::generic_category(), "the keeper process is gone");
  }
}

void Keeper::add_process(pid_t pid) {
  tell('P', std::to_string(pid));
}
void Keeper::forget_process(pid_t pid) {
  tell('p', std::to_string(pid));
}
void Keeper::add_directory(const std::filesystem::path& directory) {
  tell('D', directory.string());
}
void Keeper::forget_directory(const std::filesystem::path& directory) {
  tell('d', directory.string());
}

namespace {

constexpr const char* k_signature_file = "boxoffice-owner";

std::string first_line_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// Where a process id means anything: this start of this machine, this container.
std::string where_we_are() {
  std::error_code ignored;
  return first_line_of("/proc/sys/kernel/random/boot_id") + " " +
         std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

// Ids are used again, but not with the same start. Empty: there is no such process.
std::string start_of(const std::string& pid) {
  const std::string stat = first_line_of("/proc/" + pid + "/stat");
  std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;  // numbered as in proc(5)
  return fields ? field : "";
}

}  // namespace

void sign(const std::filesystem::path& directory) {
  const std::string pid = std::to_string(getpid());
  std::ofstream(directory / k_signature_file) << pid << " " << start_of(pid) << "\n"
                                              << where_we_are() << "\n";
}

void remove_leftovers(const std::filesystem::path& parent, const std::string& what) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with("boxoffice-" + what + "-")) continue;
    if (entry.is_symlink(ignored) || !entry.is_directory(ignored)) continue;
    std::ifstream signature(entry.path() / k_signature_file);
    std::string pid, start, where;
    if (!(signature >> pid >> start >> std::ws) || !std::getline(signature, where)) continue;
    if (where == where_we_are() && start_of(pid) != start) remove_with_memory(entry.path());
  }
}

std::filesystem::path temporary_root() {
  const char* root = std::getenv("TMPDIR");
  return root && *root ? root : "/tmp";
}

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent,
                                       const std::string& what) {
  std::string pattern = (parent / ("boxoffice-" + what + "-XXXXXX")).string();
  if (!mkdtemp(pattern.data())) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot make a directory in " + parent.string());
  }
  path_ = pattern;
  Keeper::instance().add_directory(path_);
}

TemporaryDirectory::~TemporaryDirectory() {
  if (remove_with_memory(path_)) Keeper::instance().forget_directory(path_);
}

}  // namespace boxoffice::harness
