// The HTTP client of one generator thread: many keep-alive connections, one request at a time each.
//
// libcurl's multi-socket interface on epoll. A request is sent at most once: libcurl resends by
// itself when a reused connection turns out to be dead, although the server may have read the
// request before it reset. The hook that libcurl calls before each sending lets the first one pass
// and stops any other, which then ends the exchange as a reset. The hook also tells whether
// anything was sent.
//
// Connections are grouped into shards with a libcurl multi handle each, because libcurl searches
// all connections of a handle for an idle one, at every request.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "harness/load/classify.hpp"

namespace boxoffice::load {

enum class Method { get, post, del };

struct Request {
  Method method = Method::get;
  std::string_view path;        ///< from the slash on
  std::string_view body;        ///< POST only, JSON
  std::string_view token;       ///< empty: no Authorization
  std::string_view request_id;  ///< empty: no X-Request-Id
};

struct Exchange {
  int http = 0;
  std::string_view body;      ///< valid during the callback
  std::int64_t attempts = 0;  ///< X-Transaction-Attempts; 0 where the reply has none
  TransportFailure failure;
};

class Client {
 public:
  using Done = std::function<void(std::size_t connection, const Exchange&)>;

  /// `target` as in LoadPlan. Throws std::runtime_error where libcurl or the kernel refuses.
  Client(const std::string& target, std::size_t connections, std::chrono::milliseconds timeout);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends a request on a connection that has none in flight. The first byte leaves after the call
  /// has begun; the request's views are not needed after it.
  void start(std::size_t connection, const Request& request);

  /// Waits until `deadline_ns` at the latest, moves what can be moved, reports what completed.
  void wait(std::int64_t deadline_ns, const Done& done);

  /// Gives up what is in flight; each is reported with the code "abandoned".
  void abandon(const Done& done);

  std::size_t in_flight() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace boxoffice::load
