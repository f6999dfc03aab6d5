// A connection's bytes, in the clear or through TLS, each read and write with a time at which it
// ends at the latest.
//
// Without TLS this is the socket and one comparison a read. With TLS the same socket is waited for,
// and TlsStream reads and writes it. All of it is inline, and session.cpp the only file that
// includes it: Asio's templates are slow to compile, and are compiled once this way.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>
#include <string_view>

#include "server/io_thread.hpp"
#include "server/log.hpp"
#include "server/tls_stream.hpp"

namespace boxoffice::server {

class Stream {
 public:
  /// `tls` outlives this; nullptr: in the clear.
  Stream(Socket socket, TlsPort* tls) : socket_(std::move(socket)), port_(tls) {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if (port_) tls_.emplace(port_->current(), socket_.native_handle());
  }

  IoExecutor executor() { return socket_.get_executor(); }
  bool encrypted() const { return tls_.has_value(); }
  /// The address at the other end; empty where that has gone already.
  std::string peer() const {
    boost::system::error_code error;
    const auto remote = socket_.remote_endpoint(error);
    return error ? "" : remote.address().to_string();
  }

  // The watchdog's: what is under way ends, as if the connection had.
  void cancel_if_late(Clock::time_point now) {
    if (now >= cancel_at_) cancel();
  }
  void cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

  /// False where no TLS came about. Then it is no longer encrypted if the client speaks plain HTTP,
  /// so that it can be told; otherwise the connection is over.
  Awaitable<bool> shake_hands(Clock::time_point end);
  /// Up to `most` bytes more in `to`; 0 at the connection's end or `end`.
  Awaitable<std::size_t> read_into(boost::beast::flat_buffer& to, std::size_t most,
                                   Clock::time_point end);
  /// What of `bytes` the socket takes at once.
  std::size_t write_now(std::string_view bytes) {
    if (tls_) return tls_->write(bytes.data(), bytes.size()).bytes;
    boost::system::error_code ignored;
    return socket_.write_some(boost::asio::buffer(bytes), ignored);
  }
  /// At least one of `bytes`, which begin where the last write ended; 0 as for a read.
  Awaitable<std::size_t> write_some(std::string_view bytes, Clock::time_point end);
  /// Nothing more will be written.
  void finish() {
    if (tls_) tls_->close();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  using Next = TlsStream::Next;

  Awaitable<std::size_t> decrypt_into(boost::beast::flat_buffer& to, std::size_t most);
  Awaitable<std::size_t> encrypt_some(std::string_view bytes);
  /// True where the socket is what `next` waits for; false at the end.
  Awaitable<bool> wait_for(Next next) {
    if (next == Next::over) co_return false;
    const auto what = next == Next::wait_readable ? Socket::wait_read : Socket::wait_write;
    boost::system::error_code error;
    co_await socket_.async_wait(what, boost::asio::redirect_error(k_awaitable, error));
    co_return !error;
  }

  Socket socket_;
  TlsPort* const port_;
  std::optional<TlsStream> tls_;
  Clock::time_point cancel_at_ = Clock::time_point::max();
};

inline Awaitable<bool> Stream::shake_hands(Clock::time_point end) {
  cancel_at_ = end;
  TlsStream::Step step;
  for (bool going = true; going;) {
    step = tls_->shake_hands();
    if (step.next == Next::done) break;
    going = co_await wait_for(step.next);
  }
  cancel_at_ = Clock::time_point::max();
  const bool done = step.next == Next::done;
  if (done) ++port_->handshakes_done;
  if (done || tls_->heard_nothing()) co_return done;
  ++port_->handshakes_failed;
  log::write(log::Level::debug, "Handshake failed", [&](JsonWriter& json) {
    json.field("peer", peer());
    json.field("what", tls_->reason().empty() ? "ended early or late" : tls_->reason());
  });
  if (tls_->met_plain_http()) tls_.reset();
  co_return false;
}

// The two ways are coroutines of their own, or the frame of the plain one, which is made for each
// read, would outgrow what Asio keeps for the next.
inline Awaitable<std::size_t> Stream::read_into(boost::beast::flat_buffer& to, std::size_t most,
                                                Clock::time_point end) {
  boost::system::error_code error;
  std::size_t count = 0;
  cancel_at_ = end;
  if (tls_) {
    count = co_await decrypt_into(to, most);
  } else {
    count = co_await socket_.async_read_some(to.prepare(most),
                                             boost::asio::redirect_error(k_awaitable, error));
  }
  cancel_at_ = Clock::time_point::max();
  if (error) co_return 0;
  to.commit(count);
  co_return count;
}

inline Awaitable<std::size_t> Stream::decrypt_into(boost::beast::flat_buffer& to,
                                                   std::size_t most) {
  bool waited = false;
  for (;;) {
    const auto room = to.prepare(most);
    const auto step = tls_->read(room.data(), room.size());
    if (step.next != Next::done) {
      waited = co_await wait_for(step.next);
      if (!waited) co_return 0;
      continue;
    }
    // Whoever sends a record for each byte keeps OpenSSL from ever waiting: others get their turn.
    if (!waited) co_await boost::asio::post(executor(), k_awaitable);
    co_return step.bytes;
  }
}

inline Awaitable<std::size_t> Stream::write_some(std::string_view bytes, Clock::time_point end) {
  boost::system::error_code error;
  std::size_t count = 0;
  cancel_at_ = end;
  if (tls_) {
    count = co_await encrypt_some(bytes);
  } else {
    count = co_await socket_.async_write_some(boost::asio::buffer(bytes),
                                              boost::asio::redirect_error(k_awaitable, error));
  }
  cancel_at_ = Clock::time_point::max();
  co_return error ? 0 : count;
}

inline Awaitable<std::size_t> Stream::encrypt_some(std::string_view bytes) {
  for (;;) {
    const auto step = tls_->write(bytes.data(), bytes.size());
    if (step.next == Next::done) co_return step.bytes;
    const bool ready = co_await wait_for(step.next);
    if (!ready) co_return 0;
  }
}

}  // namespace boxoffice::server
