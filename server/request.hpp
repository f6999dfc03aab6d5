// A request as the handlers see it: what the parser kept of it, and nothing of Beast.
#pragma once

#include <string>
#include <string_view>

namespace boxoffice::server {

/// The methods that some route has; HEAD arrives as `get` with `head` set.
enum class Method { get, post, patch, remove, other };

struct Request {
  Method method = Method::other;
  bool head = false;
  bool http_1_0 = false;
  bool encoded = false;  ///< the body has a Content-Encoding
  std::string path;      ///< as it was sent, without the query
  std::string query;     ///< without the question mark, not decoded
  std::string authorization;
  std::string content_type;
  std::string request_id;           ///< a UUID
  bool request_id_is_ours = false;  ///< the client sent none
  std::string trace_id;             ///< of a valid traceparent, or empty
  std::string if_match;             ///< refused where it has a blank: sent empty, or twice
  std::string if_none_match;        ///< several joined by commas
  std::string idempotency_key;      ///< the same
  std::string forwarded_for;        ///< X-Forwarded-For, several joined by commas
  std::string body;

  void clear() {
    method = Method::other;
    head = http_1_0 = encoded = request_id_is_ours = false;
    for (auto* text : {&path, &query, &authorization, &content_type, &request_id, &trace_id, &body,
                       &if_match, &if_none_match, &idempotency_key, &forwarded_for}) {
      text->clear();
    }
  }
};

}  // namespace boxoffice::server
