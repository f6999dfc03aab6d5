// See process.hpp. A child gets its own process group, so that Ctrl-C reaches the harness alone and
// the harness ends its children in order; it dies with the harness (PR_SET_PDEATHSIG, set after the
// user was dropped, which clears it).
#include "harness/process/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "harness/process/keeper.hpp"

namespace boxoffice::harness {

namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Everything that allocates, prepared before fork: another thread may hold the allocator's lock at
// that moment.
struct Prepared {
  std::vector<char*> argv, environment;
  std::vector<std::string> strings;
  std::string output, directory;
  uid_t uid = 0;
  gid_t gid = 0;
  bool drop = false;
  int death_signal = SIGKILL;
};

Prepared prepare(const Command& command) {
  Prepared prepared;
  if (!command.user.empty()) {
    const passwd* entry = getpwnam(command.user.c_str());
    if (!entry) throw std::runtime_error("there is no user '" + command.user + "' on this machine");
    prepared.uid = entry->pw_uid;
    prepared.gid = entry->pw_gid;
    prepared.drop = true;
  }
  prepared.output = command.output.empty() ? "/dev/null" : command.output.string();
  prepared.directory = command.directory.string();
  prepared.death_signal = command.death_signal;
  for (const auto& [name, value] : command.environment)
    prepared.strings.push_back(name + "=" + value);
  for (char** each = environ; *each; ++each) {
    const std::string_view ours(*each);
    const auto replaced = [&](const auto& added) {
      return added.first == ours.substr(0, ours.find('='));
    };
    if (std::ranges::none_of(command.environment, replaced)) prepared.strings.emplace_back(ours);
  }
  for (std::string& each : prepared.strings) prepared.environment.push_back(each.data());
  prepared.environment.push_back(nullptr);
  for (const std::string& each : command.argv)
    prepared.argv.push_back(const_cast<char*>(each.c_str()));
  prepared.argv.push_back(nullptr);
  return prepared;
}

// In the child; errors go back as errno through the pipe.
[[noreturn]] void become(const Prepared& prepared, pid_t parent, int report) {
  const auto give_up = [&] {
    const int error = errno;
    [[maybe_unused]] const ssize_t ignored = write(report, &error, sizeof error);
    _exit(127);
  };
  setpgid(0, 0);
  // A Ctrl-C between fork and setpgid was meant for the harness, and waits here if it is blocked
  // there: to ignore it for a moment forgets it.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    ::signal(number, SIG_IGN);
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = open("/dev/null", O_RDONLY);
  const int out = open(prepared.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (in < 0 || out < 0) give_up();
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (prepared.drop &&
      (setgroups(0, nullptr) != 0 || setgid(prepared.gid) != 0 || setuid(prepared.uid) != 0))
    give_up();
  if (!prepared.directory.empty() && chdir(prepared.directory.c_str()) != 0) give_up();
  prctl(PR_SET_PDEATHSIG, prepared.death_signal);
  // Who died before that was asked for tells nobody.
  if (getppid() != parent) _exit(127);
  execvpe(prepared.argv.front(), prepared.argv.data(), prepared.environment.data());
  give_up();
  _exit(127);
}

}  // namespace

Process::Process(const Command& command) {
  Keeper& keeper =
      Keeper::instance();  // before the fork below: its own fork must not happen in our child
  const Prepared prepared = prepare(command);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) throw_errno("pipe");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) become(prepared, parent, report[1]);
  close(report[1]);
  int error = 0;
  const ssize_t got = read(report[0], &error, sizeof error);
  close(report[0]);
  if (got == sizeof error) {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    errno = error;
    throw_errno("cannot start " + command.argv.front());
  }
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  keeper.add_process(pid_);
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), pidfd_(other.pidfd_), ended_(other.ended_) {
  other.pid_ = -1;
  other.pidfd_ = -1;
}

Process::~Process() {
  if (pid_ > 0 && !ended_) end(SIGKILL, std::chrono::seconds(5));
  if (pidfd_ >= 0) close(pidfd_);
}

std::optional<ExitCode> Process::wait_for(std::chrono::milliseconds bound) {
  if (ended_) return ended_;
  pollfd waiting{pidfd_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(bound.count())) <= 0) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  Keeper::instance().forget_process(pid_);
  return ended_;
}

void Process::signal(int number) {
  if (!ended_) kill(pid_, number);
}

ExitCode Process::end(int number, std::chrono::milliseconds bound) {
  signal(number);
  if (const auto code = wait_for(bound)) return *code;
  signal(SIGCONT);  // a stopped process does not even die of SIGTERM
  signal(SIGKILL);
  return wait_for(std::chrono::seconds(10)).value_or(128 + SIGKILL);
}

std::string tail_of(const std::filesystem::path& file, std::size_t lines) {
  std::ifstream in(file);
  std::deque<std::string> kept;
  for (std::string line; std::getline(in, line);) {
    kept.push_back(line);
    if (kept.size() > lines) kept.pop_front();
  }
  std::string text;
  for (const std::string& line : kept) text += (text.empty() ? "" : "\n") + line;
  return text;
}

// The last line that speaks of an error, or the last of all.
static std::string last_complaint(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string last, complaint;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    last = line;
    const bool complains = line.find("rror") != std::string::npos ||
                           line.find("ERROR") != std::string::npos ||
                           line.find("FATAL") != std::string::npos;
    if (complains) complaint = line;
  }
  return complaint.empty() ? last : complaint;
}

void run_command(const Command& command, std::chrono::milliseconds bound, const std::string& what) {
  Process process(command);
  const auto code = process.wait_for(bound);
  if (code && *code == 0) return;
  const std::string why = code ? "exit " + std::to_string(*code)
                               : "no end within " + std::to_string(bound.count()) + " ms";
  const std::string last = last_complaint(command.output);
  throw std::runtime_error(what + " failed (" + why + ")" + (last.empty() ? "" : ": " + last));
}

}  // namespace boxoffice::harness
