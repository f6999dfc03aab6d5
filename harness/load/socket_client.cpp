// The client for plain HTTP: non-blocking sockets on epoll, one send and one receive a request. See
// client.hpp.
//
// Why not libcurl here: a thread was saturated at less than half of the rate that it reaches on
// sockets (docs/decisions/0010), and a generator on the machine that it measures takes that time
// from the server. And
// what the history needs to know exactly is simple on a socket: nothing has left before the kernel
// took the first byte. A kept connection that turns out to be dead before that is replaced and the
// request sent on a new one; after that the request is never sent again.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <vector>

#include "harness/load/address.hpp"
#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/load/http_response.hpp"
#include "harness/load/poller.hpp"

namespace boxoffice::load {
namespace {

constexpr std::size_t k_receive_bytes = 2 * 1024;

struct Slot {
  std::size_t connection = 0;
  int fd = -1;
  bool connecting = false;
  bool reused = false;  // the connection has served a request before
  bool busy = false;
  std::uint64_t request = 0;  // counts this slot's requests
  std::string out;
  std::size_t out_sent = 0;  // bytes that the kernel has taken
  HttpResponse response;

  bool sent() const { return out_sent > 0; }
  std::string_view phase() const { return sent() ? "receive" : "connect"; }
};

struct Deadline {
  std::int64_t t_ns;
  std::size_t connection;
  std::uint64_t request;
};

std::string_view method_name(Method method) {
  switch (method) {
    case Method::get:
      return "GET ";
    case Method::post:
      return "POST ";
    case Method::put:
      return "PUT ";
    case Method::patch:
      return "PATCH ";
    case Method::del:
      return "DELETE ";
  }
  return "";
}

std::string_view connect_failure(int error) {
  switch (error) {
    case ECONNREFUSED:
    case EAGAIN:  // a unix socket whose queue is full
    case ENOENT:
      return "connection_refused";
    case ECONNRESET:
      return "connection_reset";
    case EMFILE:
    case ENFILE:
      return "no_descriptor";
    case EADDRNOTAVAIL:
      return "no_local_port";
    default:
      return "unreachable";
  }
}

class SocketClient : public Client {
 public:
  SocketClient(const std::vector<std::string>& targets, std::size_t connections,
               std::chrono::milliseconds timeout, const RequestHeaders& headers)
      : headers_(headers),
        timeout_ns_(std::chrono::nanoseconds(timeout).count()),
        slots_(connections) {
    for (const std::string& target : targets) addresses_.push_back(resolve_target(target));
    for (std::size_t i = 0; i < connections; ++i) slots_[i].connection = i;
  }
  ~SocketClient() override {
    for (Slot& slot : slots_) disconnect(slot);
  }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  void start(std::size_t connection, const Request& request) override;
  void wait(std::int64_t deadline_ns, const Done& done) override;
  void abandon(const Done& done) override;
  std::size_t in_flight() const override { return in_flight_; }

 private:
  void write_request(Slot& slot, const Request& request) const;
  void connect(Slot& slot);
  void disconnect(Slot& slot);
  void send(Slot& slot);
  void receive(Slot& slot, const Done& done);
  void received_end(Slot& slot, int error, const Done& done);
  void on_ready(const Poller::Ready& ready, const Done& done);
  void fail_later(Slot& slot, std::string_view code, std::string_view phase);
  void complete(Slot& slot, const TransportFailure& failure, const Done& done);
  void expire(std::int64_t now, const Done& done);
  std::int64_t next_deadline();
  bool is_current(const Deadline& deadline) const {
    const Slot& slot = slots_[deadline.connection];
    return slot.busy && slot.request == deadline.request;
  }

  struct Failed {
    std::size_t connection;
    TransportFailure failure;
  };

  /// In turn, so that the connections are spread evenly.
  const Address& address_of(const Slot& slot) const {
    return addresses_[slot.connection % addresses_.size()];
  }

  std::vector<Address> addresses_;
  RequestHeaders headers_;
  std::int64_t timeout_ns_;
  Poller poller_;
  std::vector<Slot> slots_;
  std::vector<Slot*> slot_of_fd_;
  std::deque<Deadline> deadlines_;  // the timeout is one for all: they come in order
  std::vector<Failed> failed_;      // ended where nothing may be reported
  std::size_t in_flight_ = 0;
};

void SocketClient::write_request(Slot& slot, const Request& request) const {
  std::string& out = slot.out;
  out.assign(method_name(request.method)).append(request.path);
  out.append(" HTTP/1.1\r\nHost: ").append(address_of(slot).host);
  if (!request.token.empty() && !headers_.before_token.empty())
    out.append("\r\n")
        .append(headers_.before_token)
        .append(request.token)
        .append(headers_.after_token);
  if (!request.request_id.empty() && !headers_.before_request_id.empty())
    out.append("\r\n").append(headers_.before_request_id).append(request.request_id);
  if (request.has_body()) {
    char length[20];
    char* end = std::to_chars(length, length + sizeof length, request.body.size()).ptr;
    out.append("\r\nContent-Type: application/json\r\nContent-Length: ")
        .append(length, static_cast<std::size_t>(end - length));
  }
  out.append("\r\n\r\n").append(request.body);
}

void SocketClient::start(std::size_t connection, const Request& request) {
  Slot& slot = slots_[connection];
  slot.busy = true;
  ++slot.request;
  ++in_flight_;
  slot.out_sent = 0;
  slot.response.clear();
  write_request(slot, request);
  deadlines_.push_back({now_ns() + timeout_ns_, connection, slot.request});
  if (slot.fd < 0)
    connect(slot);
  else
    send(slot);
}

void SocketClient::connect(Slot& slot) {
  const Address& to = address_of(slot);
  slot.fd = socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (slot.fd < 0) return fail_later(slot, connect_failure(errno), "connect");
  const auto place = static_cast<std::size_t>(slot.fd);
  if (place >= slot_of_fd_.size()) slot_of_fd_.resize(place + 64);
  slot_of_fd_[place] = &slot;
  slot.reused = false;
  if (to.tcp) {
    const int on = 1;
    setsockopt(slot.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&to.storage);
  if (::connect(slot.fd, address, to.length) == 0) return send(slot);
  if (errno != EINPROGRESS) {
    const int error = errno;
    disconnect(slot);
    return fail_later(slot, connect_failure(error), "connect");
  }
  slot.connecting = true;
  poller_.want(slot.fd, true, true);
}

void SocketClient::disconnect(Slot& slot) {
  if (slot.fd < 0) return;
  poller_.forget(slot.fd);
  close(slot.fd);
  slot.fd = -1;
  slot.connecting = false;
}

void SocketClient::send(Slot& slot) {
  while (slot.out_sent < slot.out.size()) {
    const ssize_t taken = ::send(slot.fd, slot.out.data() + slot.out_sent,
                                 slot.out.size() - slot.out_sent, MSG_NOSIGNAL);
    if (taken >= 0) {
      slot.out_sent += static_cast<std::size_t>(taken);
    } else if (errno == EAGAIN) {
      return poller_.want(slot.fd, true, true);
    } else if (errno != EINTR) {
      disconnect(slot);
      if (slot.reused && !slot.sent()) return connect(slot);  // dead before a byte was taken
      return fail_later(slot, "connection_reset", slot.sent() ? "send" : "connect");
    }
  }
  poller_.want(slot.fd, true, false);
}

void SocketClient::receive(Slot& slot, const Done& done) {
  const ssize_t got = recv(slot.fd, slot.response.room(k_receive_bytes), k_receive_bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return received_end(slot, got < 0 ? errno : 0, done);
  if (!slot.busy) return disconnect(slot);  // an answer to no question
  slot.response.add(static_cast<std::size_t>(got));
  switch (slot.response.read()) {
    case HttpResponse::State::reading:
      return;
    case HttpResponse::State::complete:
      return complete(slot, {}, done);
    case HttpResponse::State::malformed:
      return complete(slot, {"malformed_reply", "parse", slot.sent()}, done);
    case HttpResponse::State::oversized:
      return complete(slot, {"oversized_reply", "receive", slot.sent()}, done);
  }
}

void SocketClient::received_end(Slot& slot, int error, const Done& done) {
  if (!slot.busy) return disconnect(slot);
  if (error != 0) return complete(slot, {"connection_reset", slot.phase(), slot.sent()}, done);
  if (slot.response.begun() && slot.response.read_end() == HttpResponse::State::complete) {
    return complete(slot, {}, done);
  }
  if (slot.reused && !slot.sent()) {  // closed while it rested, before a byte was taken
    disconnect(slot);
    return connect(slot);
  }
  const auto code = slot.response.begun() ? "truncated_reply" : "empty_reply";
  complete(slot, {code, slot.phase(), slot.sent()}, done);
}

void SocketClient::on_ready(const Poller::Ready& ready, const Done& done) {
  Slot& slot = *slot_of_fd_[static_cast<std::size_t>(ready.fd)];
  if (slot.fd != ready.fd) return;  // closed by what was handled just before
  if (slot.connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(slot.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      disconnect(slot);
      return complete(slot, {connect_failure(error), "connect", false}, done);
    }
    if (!ready.writable) return;
    slot.connecting = false;
    return send(slot);
  }
  if (ready.writable && slot.busy) send(slot);
  if (slot.fd == ready.fd && (ready.readable || ready.failed)) receive(slot, done);
}

void SocketClient::fail_later(Slot& slot, std::string_view code, std::string_view phase) {
  failed_.push_back({slot.connection, {code, phase, slot.sent()}});
}

void SocketClient::complete(Slot& slot, const TransportFailure& failure, const Done& done) {
  slot.busy = false;
  --in_flight_;
  const HttpResponse& response = slot.response;
  const bool whole = failure.code.empty();
  slot.reused = true;
  if (!whole || !response.keeps_alive() || response.has_surplus() ||
      slot.out_sent < slot.out.size()) {
    disconnect(slot);
  }
  done(slot.connection,
       Exchange{response.status(), whole ? response.body() : "", whole ? response.attempts() : 0,
                whole && response.aged(), failure});
}

std::int64_t SocketClient::next_deadline() {
  while (!deadlines_.empty() && !is_current(deadlines_.front())) deadlines_.pop_front();
  return deadlines_.empty() ? k_never_ns : deadlines_.front().t_ns;
}

void SocketClient::expire(std::int64_t now, const Done& done) {
  while (next_deadline() <= now) {
    Slot& slot = slots_[deadlines_.front().connection];
    deadlines_.pop_front();
    complete(slot, {"timeout", slot.phase(), slot.sent()}, done);
  }
}

void SocketClient::wait(std::int64_t deadline_ns, const Done& done) {
  const std::int64_t until_ns =
      failed_.empty() ? std::min(deadline_ns, next_deadline()) : std::int64_t{0};
  for (const Poller::Ready& ready : poller_.wait(until_ns)) on_ready(ready, done);
  expire(now_ns(), done);
  std::vector<Failed> failed;
  failed.swap(failed_);
  for (const Failed& one : failed) {
    if (slots_[one.connection].busy) complete(slots_[one.connection], one.failure, done);
  }
}

void SocketClient::abandon(const Done& done) {
  failed_.clear();
  for (Slot& slot : slots_) {
    if (slot.busy) complete(slot, {"abandoned", slot.phase(), slot.sent()}, done);
  }
}

}  // namespace

std::unique_ptr<Client> make_socket_client(const std::string& target, std::size_t connections,
                                           std::chrono::milliseconds timeout,
                                           const RequestHeaders& headers) {
  return make_spread_client({target}, connections, timeout, headers);
}

std::unique_ptr<Client> make_spread_client(const std::vector<std::string>& targets,
                                           std::size_t connections,
                                           std::chrono::milliseconds timeout,
                                           const RequestHeaders& headers) {
  return std::make_unique<SocketClient>(targets, connections, timeout, headers);
}

}  // namespace boxoffice::load
