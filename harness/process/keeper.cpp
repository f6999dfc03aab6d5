// See keeper.hpp. The keeper's side never returns from run(). It uses the heap and files: glibc
// keeps them usable in a child, whatever the other threads of its parent were doing.
#include "harness/process/keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <thread>

#include "harness/process/process_stat.hpp"
#include "harness/process/removal.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

// PostgreSQL's own bound, until it kills what does not end by itself, is 5 s.
constexpr auto k_end_bound = 10s;

// Runs still? A zombie that nobody reaps does not: it is our grandparent's, not ours to wait for.
bool alive(pid_t pid) {
  const auto stat = stat_of(pid);
  return stat && stat->state != 'Z';
}

// By their ids, each with when it started: an id may be another's by the time that it is used.
using Processes = std::map<pid_t, std::string>;

bool is_still(pid_t pid, const std::string& start) {
  const auto stat = stat_of(pid);
  return stat && stat->start == start;
}

// With all that descends from them.
Processes families_of(const Processes& processes) {
  Processes found;
  for (const auto& [process, start] : processes) {
    if (!is_still(process, start)) continue;
    for (const pid_t pid : family_of(process)) {
      if (const auto stat = stat_of(pid)) found[pid] = stat->start;
    }
  }
  return found;
}

// Asks first, then insists. SIGQUIT is PostgreSQL's immediate shutdown; other servers end on it
// too. Each process leads a group of its own, which holds what it started in turn: the program
// that mariadb-install-db runs would outlive that script. PostgreSQL's sessions are in no group but
// their own, and a fault may have stopped all of them: whoever is stopped hears nothing but SIGCONT
// and SIGKILL.
void end_processes(const Processes& processes) {
  const Processes families = families_of(processes);
  for (const auto& [pid, start] : processes) kill(-pid, SIGQUIT);
  for (const auto& [pid, start] : families) kill(pid, SIGCONT);
  const auto give_up = std::chrono::steady_clock::now() + k_end_bound;
  for (const auto& [pid, start] : processes) {
    while (is_still(pid, start) && alive(pid) && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(10ms);
    kill(-pid, SIGKILL);
  }
  for (const auto& [pid, start] : families) {
    if (is_still(pid, start)) kill(pid, SIGKILL);
  }
}

void carry_out(std::string_view line, Processes& processes, std::set<std::string>& directories) {
  const std::string what(line.substr(1));
  switch (line.front()) {
    case 'P': {
      const pid_t pid = std::stoi(what);
      const auto stat = stat_of(pid);
      processes[pid] = stat ? stat->start : std::string();
      break;
    }
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
  Processes processes;
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
