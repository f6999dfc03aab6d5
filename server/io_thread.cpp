// The thread's loop is Asio's; the watchdog is one coroutine on it, which also keeps it from
// ending.
#include "server/io_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace boxoffice::server {

namespace asio = boost::asio;

void IoThread::start() {
  asio::co_spawn(executor(), tick(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

void IoThread::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

Awaitable<void> IoThread::tick() {
  Timer timer(executor());
  for (;;) {
    timer.expires_after(tick_);
    co_await timer.async_wait(k_awaitable);
    check_all();
  }
}

void IoThread::check_all() {
  const auto now = Clock::now();
  for (auto& watched : watched_) watched.check(now);
}

void IoThread::check_soon() {
  asio::post(executor(), [this] { check_all(); });
}

}  // namespace boxoffice::server
