// The HTTP client of one generator thread: many keep-alive connections, one request at a time each.
//
// A request is sent at most once, and what is reported says whether any of it may have left: from
// that the history decides between "did not happen" and "may have happened". Two implementations:
// socket_client.cpp speaks HTTP/1.1 on plain sockets and costs less than half of libcurl's
// processor time a request; curl_client.cpp leaves https to libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/adapter.hpp"
#include "harness/load/classify.hpp"

namespace boxoffice::load {

struct Request {
  Method method = Method::get;
  std::string_view path;        ///< from the slash on
  std::string_view body;        ///< JSON
  std::string_view token;       ///< empty: no header that says who asks
  std::string_view request_id;  ///< empty: no header for it

  /// A POST, PUT or PATCH says how long its body is, be it nothing; the others only where they have
  /// one.
  bool has_body() const {
    return !body.empty() || (method != Method::get && method != Method::del);
  }
};

struct Exchange {
  int http = 0;
  std::string_view body;      ///< valid during the callback
  std::int64_t attempts = 0;  ///< X-Transaction-Attempts; 0 where the reply has none
  bool aged = false;          ///< the reply has an Age: it comes from a cache or a replica
  TransportFailure failure;
};

/// A reply with more than this is given up as "oversized_reply".
inline constexpr std::size_t k_reply_bytes_max = 1 << 20;

class Client {
 public:
  using Done = std::function<void(std::size_t connection, const Exchange&)>;

  virtual ~Client() = default;

  /// Sends a request on a connection that has none in flight. The first byte leaves after the call
  /// has begun; the request's views are not needed after it. Reports nothing itself.
  virtual void start(std::size_t connection, const Request& request) = 0;

  /// Waits until `deadline_ns` at the latest, moves what can be moved, reports what completed.
  virtual void wait(std::int64_t deadline_ns, const Done& done) = 0;

  /// Gives up what is in flight; each is reported with the code "abandoned".
  virtual void abandon(const Done& done) = 0;

  virtual std::size_t in_flight() const = 0;
};

/// The client for a target as in LoadPlan, with so many connections, none of which is open yet.
/// `ca`: the file of authorities that an https target's certificate must be from; empty: the
/// system's. Throws std::runtime_error where the target is no address or the kernel refuses.
std::unique_ptr<Client> make_client(const std::string& target, std::size_t connections,
                                    std::chrono::milliseconds timeout,
                                    const RequestHeaders& headers = {}, const std::string& ca = {});

/// The client for several targets, none of which is https: connection i goes to targets[i % n]. As
/// make_client() else.
std::unique_ptr<Client> make_client(const std::vector<std::string>& targets,
                                    std::size_t connections, std::chrono::milliseconds timeout,
                                    const RequestHeaders& headers, const std::string& ca);

/// What a failure's code means that comes from an https target's certificate, for a person; empty
/// for all other codes.
std::string_view certificate_problem(std::string_view code);

/// Those that make_client() chooses from: plain sockets, libcurl, libcurl with authorities.
std::unique_ptr<Client> make_socket_client(const std::string& target, std::size_t connections,
                                           std::chrono::milliseconds timeout,
                                           const RequestHeaders& headers = {});
std::unique_ptr<Client> make_spread_client(const std::vector<std::string>& targets,
                                           std::size_t connections,
                                           std::chrono::milliseconds timeout,
                                           const RequestHeaders& headers);
std::unique_ptr<Client> make_curl_client(const std::string& target, std::size_t connections,
                                         std::chrono::milliseconds timeout,
                                         const RequestHeaders& headers = {});
std::unique_ptr<Client> make_https_client(const std::string& target, std::size_t connections,
                                          std::chrono::milliseconds timeout,
                                          const RequestHeaders& headers, const std::string& ca);

}  // namespace boxoffice::load
