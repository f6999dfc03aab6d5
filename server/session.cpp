// The session is a coroutine on its I/O thread. Where the reply needs other threads it is
// suspended, and what resumes it is posted back: the only hand-over in its life.
//
// Writes are tried at once and only then waited for: a reply nearly always fits the socket's
// buffer, and a completion through Asio's queue would cost as much again.
#include "server/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>

#include "server/log.hpp"
#include "server/reply_text.hpp"
#include "server/request_id.hpp"
#include "server/request_parser.hpp"
#include "server/session_memory.hpp"
#include "server/stream.hpp"

namespace boxoffice::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t k_linger_bytes_max = 256 * 1024;
constexpr auto k_linger_timeout = std::chrono::seconds(1);

ProblemCode problem_of(error_code error) {
  if (error == http::error::header_limit) return ProblemCode::header_fields_too_large;
  if (error == http::error::body_limit) return ProblemCode::content_too_large;
  return ProblemCode::malformed_request;
}

/// One of the port's connections, as long as it lives.
class Counted {
 public:
  explicit Counted(Network& network) : network_(network) { ++network_.connections; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --network_.connections; }

 private:
  Network& network_;
};

class Session final : public Call, public Watched {
 public:
  Session(Socket socket, Network& network, Scope port, TlsPort* tls)
      : stream_(std::move(socket), tls),
        network_(network),
        port_(port),
        in_(network.limits.header_bytes_max + k_read_bytes),
        counted_(network) {
    peer = stream_.peer();
  }

  Awaitable<void> converse();
  void resume() override;
  void check(Clock::time_point now) override;

 private:
  using Resume = asio::async_result<asio::use_awaitable_t<IoExecutor>, void()>::handler_type;
  enum class Phase { handshake, idle, header, body, answer, write };

  Awaitable<void> shake_hands();
  Awaitable<bool> read_request();
  bool parse();
  bool begin();
  Awaitable<void> wait_for_reply();
  void compose_and_try_to_send();
  Awaitable<void> send_rest();
  Awaitable<void> linger();
  void enter(Phase phase);

  Stream stream_;
  Network& network_;
  const Scope port_;
  boost::beast::flat_buffer in_;
  std::optional<RequestParser> parser_;
  std::optional<ProblemCode> problem_;  // of the framing: a reply, then the end
  std::string out_;
  std::size_t sent_ = 0;
  bool keep_ = true;
  bool continued_ = false;
  Phase phase_ = Phase::idle;
  Clock::time_point phase_end_;
  std::optional<Resume> resume_;
  const Counted counted_;  // the last: whoever sees the connection closed finds it uncounted
};

void Session::check(Clock::time_point now) {
  const bool waits = phase_ == Phase::idle || phase_ == Phase::handshake;
  if (waits && network_.draining) {
    stream_.cancel();
  } else {
    stream_.cancel_if_late(now);
  }
}

void Session::enter(Phase phase) {
  const auto& limits = network_.limits;
  phase_ = phase;
  const auto now = Clock::now();
  switch (phase) {
    case Phase::idle:
      phase_end_ = now + limits.idle_timeout;
      break;
    case Phase::handshake:
    case Phase::header:
      phase_end_ = now + limits.header_timeout;
      break;
    case Phase::body:
      phase_end_ = now + limits.body_timeout;
      break;
    case Phase::write:
      phase_end_ = now + limits.write_timeout;
      break;
    case Phase::answer:
      phase_end_ = Clock::time_point::max();
      break;
  }
}

/// Where it fails the connection is over, at once or with a word to a client without TLS.
Awaitable<void> Session::shake_hands() {
  enter(Phase::handshake);
  keep_ = co_await stream_.shake_hands(phase_end_);
  if (keep_ || stream_.encrypted()) co_return;
  arrived = Clock::now();
  problem_ = ProblemCode::malformed_request;
  assign_uuid(request.request_id);
  fail(*problem_, {.detail = "This port speaks HTTPS, and the request came without TLS."});
  network_.responder.answered(*this);
  compose_and_try_to_send();
}

/// False where the connection is over. True with a complete request, or with a problem_.
Awaitable<bool> Session::read_request() {
  clear();
  parser_.emplace(request, network_.limits.header_bytes_max, network_.limits.body_bytes_max);
  continued_ = false;
  enter(Phase::idle);
  for (;;) {
    if (in_.size() > 0) {
      if (phase_ == Phase::idle) enter(Phase::header);
      if (parse()) co_return true;
    }
    const auto count = co_await stream_.read_into(in_, k_read_bytes, phase_end_);
    if (count > 0) continue;
    const bool late = Clock::now() >= phase_end_ && phase_ != Phase::idle;
    if (late) problem_ = ProblemCode::request_timeout;
    co_return late;
  }
}

/// True where the request is complete or has a problem_; else more bytes are needed.
bool Session::parse() {
  error_code error;
  in_.consume(parser_->put(in_.data(), error));
  if (error && error != http::error::need_more) {
    problem_ = problem_of(error);
    return true;
  }
  if (parser_->is_header_done() && parser_->is_contradictory()) {
    problem_ = ProblemCode::malformed_request;
    return true;
  }
  if (parser_->is_done()) return true;
  if (in_.size() > network_.limits.header_bytes_max) {  // a line without an end: Beast wants more
    problem_ = ProblemCode::header_fields_too_large;
    return true;
  }
  if (!parser_->is_header_done()) return false;
  if (phase_ != Phase::body) enter(Phase::body);
  if (parser_->expects_continue() && !std::exchange(continued_, true)) {
    constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.write_now(k_continue);
  }
  return false;
}

/// True where the reply is there. A mistake of ours is this request's 500 and nobody else's.
bool Session::begin() {
  if (problem_) {
    fail(*problem_);
    return true;
  }
  try {
    return network_.responder.begin(*this, port_);
  } catch (const std::exception& error) {
    log::write(log::Level::error, "Request failed", [&](JsonWriter& json) {
      json.field("request_id", request.request_id);
      if (!request.trace_id.empty()) json.field("trace_id", request.trace_id);
      json.field("what", error.what());
    });
    fail(ProblemCode::internal_error);
    return true;
  }
}

void Session::resume() {
  Resume resume = std::move(*resume_);
  resume_.reset();  // before the post: from then on the I/O thread may be at the next request
  asio::post(stream_.executor(), std::move(resume));
}

Awaitable<void> Session::wait_for_reply() {
  return asio::async_initiate<const asio::use_awaitable_t<IoExecutor>, void()>(
      [this](auto&& handler) {
        resume_.emplace(std::move(handler));
        network_.responder.proceed(*this);
      },
      k_awaitable);
}

void Session::compose_and_try_to_send() {
  keep_ = !problem_ && parser_->keep_alive() && !network_.draining;
  const auto kept = request.http_1_0 ? Persistence::keep_said : Persistence::keep;
  write_reply_text(out_, reply, request, keep_ ? kept : Persistence::close);
  sent_ = stream_.write_now(out_);
}

/// Until all is sent, or the client does not take it.
Awaitable<void> Session::send_rest() {
  enter(Phase::write);
  while (sent_ < out_.size()) {
    const auto rest = std::string_view(out_).substr(sent_);
    const auto count = co_await stream_.write_some(rest, phase_end_);
    if (count == 0) co_return;
    sent_ += count;
  }
}

/// Takes what the client still sends before closing: closing a socket with unread bytes resets it,
/// and the reply might never be seen.
Awaitable<void> Session::linger() {
  stream_.finish();
  const auto end = Clock::now() + k_linger_timeout;
  phase_ = Phase::write;
  std::size_t taken = 0;
  while (taken < k_linger_bytes_max && Clock::now() < end) {
    in_.consume(in_.size());
    const auto count = co_await stream_.read_into(in_, k_read_bytes, end);
    if (count == 0) break;
    taken += count;
  }
}

Awaitable<void> Session::converse() {
  if (stream_.encrypted()) co_await shake_hands();
  while (keep_) {
    const bool arrived_whole = co_await read_request();
    if (!arrived_whole) break;
    arrived = Clock::now();
    enter(Phase::answer);
    request.request_id_is_ours = request.request_id.empty();
    if (request.request_id_is_ours) assign_uuid(request.request_id);
    const bool is_answered = begin();
    if (!is_answered) co_await wait_for_reply();
    network_.responder.answered(*this);
    compose_and_try_to_send();
    if (sent_ < out_.size()) co_await send_rest();
    const bool all_sent = sent_ == out_.size();
    if (holds_secret) wipe_secrets(*this, in_, out_);
    if (!all_sent) co_return;
    give_back_memory(*this, in_, out_);
  }
  if (problem_ || in_.size() > 0) {
    co_await linger();
  } else if (stream_.encrypted()) {
    stream_.finish();
  }
}

/// The edge: what is thrown here concerns this connection only.
Awaitable<void> serve(std::unique_ptr<Session> session, IoThread& home) {
  home.watch(*session);
  try {
    co_await session->converse();
  } catch (const std::exception& error) {
    log::write(log::Level::error, "Session failed",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
}

}  // namespace

void start_session(Socket socket, IoThread& home, Network& network, Scope port, TlsPort* tls) {
  auto session = std::make_unique<Session>(std::move(socket), network, port, tls);
  asio::co_spawn(home.executor(), serve(std::move(session), home), asio::detached);
}

}  // namespace boxoffice::server
