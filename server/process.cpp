// See process.hpp.
#include "server/process.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/log.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

using std::chrono::steady_clock;

constexpr auto k_tick = std::chrono::milliseconds(10);

}  // namespace

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int Signals::wait_a_tick() const {
  return wait(k_tick);
}

int Signals::wait(std::chrono::nanoseconds most) const {
  const timespec time{0, most.count()};
  const int signal = sigtimedwait(&set_, nullptr, &time);
  return signal < 0 ? 0 : signal;
}

void follow_parent() {
  const auto parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) std::raise(SIGTERM);
}

void raise_file_limit(std::int64_t connections_max) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max == RLIM_INFINITY) return;
  if (static_cast<std::int64_t>(limit.rlim_max) >= connections_max) return;
  log::write(log::Level::warn, "Fewer files than connections", [&](JsonWriter& json) {
    json.field("files", static_cast<std::int64_t>(limit.rlim_max));
    json.field("connections", connections_max);
  });
}

PortFile::PortFile(const std::string& path, std::uint16_t port) : path_(path) {
  if (path.empty()) return;
  const std::string temporary = path + ".new";
  std::FILE* const file = std::fopen(temporary.c_str(), "we");
  if (file == nullptr) throw strategies::ConfigurationError("cannot write " + path);
  fmt::print(file, "{}\n", port);
  const bool written = std::fclose(file) == 0;
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    throw strategies::ConfigurationError("cannot write " + path);
  }
}

void PortFile::remove() const {
  if (!path_.empty()) std::remove(path_.c_str());
}

LastResort::LastResort(const Signals& signals, const PortFile& port_file)
    : signals_(signals), port_file_(port_file), thread_([this](const std::stop_token& stop) {
        const auto signal = wait(stop);
        if (stop.stop_requested()) return;
        leave(signal);
      }) {}

int LastResort::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto end = steady_clock::now() + k_farewell;
  const auto never = [] { return false; };
  while (!stop.stop_requested() && steady_clock::now() < end) {
    ended_.wait_for(lock, stop, k_tick, never);
    const int signal = signals_.take();
    if (signal != 0 && signal != SIGHUP) return signal;
  }
  return 0;
}

void LastResort::leave(int signal) {
  port_file_.remove();
  if (signal != 0) std::_Exit(128 + signal);
  if (log::enabled(log::Level::error)) {  // else the log is what hangs, or off
    log::write(log::Level::warn, "A thread still hangs in the database: leaving it");
    log::stop_within(k_farewell);
  }
  std::_Exit(0);
}

}  // namespace boxoffice::server
