// A thread with an io_context of its own, and the watchdog over the sessions that live on it.
//
// A session never leaves its thread, so it needs no strand and no lock. Its timeouts are a number
// that the watchdog compares a few times a second: a timer armed and cancelled for every read and
// write would cost more than the rest of a small request, and Beast's stream timeouts close the
// socket, where a slow client is owed a 408.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <optional>
#include <thread>

#include "server/executor.hpp"

namespace boxoffice::server {

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
template <class T>
using Awaitable = boost::asio::awaitable<T, IoExecutor>;
inline constexpr boost::asio::use_awaitable_t<IoExecutor> k_awaitable;

/// Something with a deadline, looked at now and then; leaves the watchdog when destroyed.
class Watched : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Watched() = default;
  virtual void check(Clock::time_point now) = 0;
};

class IoThread {
 public:
  explicit IoThread(Clock::duration tick) : tick_(tick) {}
  ~IoThread() { stop(); }

  void start();
  /// Joins; what is left is destroyed with this.
  void stop();
  IoExecutor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }
  /// On this thread only.
  void watch(Watched& watched) { watched_.push_back(watched); }
  /// Looks at all of them soon, without waiting for the tick. Any thread.
  void check_soon();

 private:
  using Timer =
      boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, IoExecutor>;

  Awaitable<void> tick();
  void check_all();

  const Clock::duration tick_;
  boost::intrusive::list<Watched, boost::intrusive::constant_time_size<false>> watched_;
  boost::asio::io_context context_{1};  // destroys the sessions, which leave watched_
  std::thread thread_;
};

}  // namespace boxoffice::server
