// See interrupt.hpp.
#include "harness/interrupt.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "harness/failure.hpp"
#include "harness/process/keeper.hpp"

namespace boxoffice::harness {

namespace {

// `timeout` signals its child and then the whole group: that is one wish, not two.
constexpr std::chrono::seconds k_same_signal{1};

std::atomic<bool> at_once = false;

std::stop_source& source() {
  static std::stop_source stop;
  return stop;
}
}  // namespace

std::stop_token watch_interrupts() {
  Keeper::instance();  // forks, which must come before the first thread
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  std::thread([signals] {
    int number = 0;
    sigwait(&signals, &number);
    source().request_stop();
    if (at_once) _exit(k_exit_interrupted);
    const auto first = std::chrono::steady_clock::now();
    do {
      sigwait(&signals, &number);
    } while (std::chrono::steady_clock::now() - first < k_same_signal);
    _exit(k_exit_interrupted);
  }).detach();
  return source().get_token();
}

void end_at_first_interrupt() {
  at_once = true;
  throw_if_interrupted(source().get_token());
}

void throw_if_interrupted(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Interrupted();
}

}  // namespace boxoffice::harness
