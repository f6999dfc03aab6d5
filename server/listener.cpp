// Out of file descriptors, accept fails until some connection ends; out of memory, a session cannot
// be made. Either is tried again shortly: what goes wrong with one connection must not end the
// accepting of all others.
#include "server/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <new>
#include <utility>

#include "server/log.hpp"
#include "server/reply_text.hpp"
#include "server/request_id.hpp"

namespace boxoffice::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int k_backlog = 4096;
constexpr auto k_accept_pause = std::chrono::milliseconds(50);

/// What a connection too many gets, without a session: best effort, never waited for.
void turn_away(Socket& socket) {
  Request request;
  assign_uuid(request.request_id);
  Reply reply;
  write_problem(reply, ProblemCode::overloaded, request.request_id,
                {.detail = "The server has as many connections as it takes."});
  std::string text;
  write_reply_text(text, reply, request, Persistence::close);
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
}

void warn_of(const std::exception& error) noexcept {
  try {
    log::write(log::Level::warn, "Accept failed",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  } catch (...) {  // no memory, which is what it would have said
  }
}

}  // namespace

Listener::Listener(IoThreads threads, const std::string& host, std::uint16_t port, Scope scope,
                   TlsPort* tls, StartSession start)
    : threads_(threads),
      scope_(scope),
      tls_(tls),
      start_session_(std::move(start)),
      acceptor_(threads.front()->executor()),
      pause_(threads.front()->executor()) {
  try {
    open(host, port);
  } catch (const boost::system::system_error& error) {
    throw CannotListen("cannot listen on " + host + " port " + std::to_string(port) + ": " +
                       error.code().message());
  }
}

void Listener::open(const std::string& host, std::uint16_t port) {
  const tcp::endpoint endpoint(asio::ip::make_address(host), port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(Acceptor::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(k_backlog);
}

std::string Listener::url() const {
  const auto address = acceptor_.local_endpoint().address();
  const auto host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
  return (tls_ ? "https://" : "http://") + host + ':' + std::to_string(port());
}

void Listener::start(Network& network) {
  asio::co_spawn(threads_.front()->executor(), accept_all(network), asio::detached);
}

void Listener::stop() {
  asio::post(threads_.front()->executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
  });
}

Awaitable<void> Listener::accept_all(Network& network) {
  bool failed = false;
  while (acceptor_.is_open()) {
    try {
      if (std::exchange(failed, false)) {
        pause_.expires_after(k_accept_pause);
        co_await pause_.async_wait(k_awaitable);
      }
      begin_session(co_await acceptor_.async_accept(threads_[next_]->context(), k_awaitable),
                    network);
    } catch (const std::exception& error) {
      failed = true;
      if (acceptor_.is_open()) warn_of(error);  // else it was stopped
    }
  }
}

void Listener::begin_session(Socket socket, Network& network) {
  if (network.connections >= network.connections_max) {
    ++network.turned_away;
    if (!tls_) turn_away(socket);
    return;
  }
  IoThread& home = *threads_[next_];
  next_ = (next_ + 1) % threads_.size();
  start_session_(std::move(socket), home, network, scope_, tls_);
}

}  // namespace boxoffice::server
