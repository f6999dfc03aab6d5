// Targets come in origin form (`/path?query`) and, from proxies, in absolute form (RFC 9112, 3.2).
#include "server/request_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "server/request_id.hpp"
#include "server/trace_context.hpp"

namespace boxoffice::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return Method::get;
    case http::verb::post:
      return Method::post;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::remove;
    default:
      return Method::other;
  }
}

/// `http://authority/path` -> `/path`. Other forms stay as they are and match no route.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
    const auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

/// For fields that protect the caller: there and empty must not count as absent, nor one of two be
/// dropped. A blank, which no value has, refuses both.
void take_protection(std::string& taken, beast::string_view value) {
  if (!taken.empty() || value.empty()) taken += ' ';
  taken.append(value.data(), value.size());
}

}  // namespace

RequestParser::RequestParser(Request& request, std::uint32_t header_bytes_max,
                             std::uint64_t body_bytes_max)
    : request_(request), header_bytes_max_(header_bytes_max) {
  header_limit(header_bytes_max);
  body_limit(body_bytes_max);
  eager(true);
}

bool RequestParser::is_contradictory() const {
  // Beast takes a coding that it does not know for none, and the body for the next request.
  const bool framed =
      transfer_encodings_ == 0 || (transfer_encodings_ == 1 && is_chunked_ && is_http_1_1_);
  return !framed || hosts_ > 1 || authorizations_ > 1 || (is_http_1_1_ && hosts_ == 0);
}

void RequestParser::count(std::size_t bytes, Error& error) {
  header_bytes_ += bytes;
  if (header_bytes_ > header_bytes_max_) error = http::error::header_limit;
}

void RequestParser::on_request_impl(http::verb verb, Text name, Text target, int version,
                                    Error& error) {
  count(name.size() + target.size() + std::string_view("  HTTP/1.1\r\n").size(), error);
  is_http_1_1_ = version >= 11;
  request_.http_1_0 = !is_http_1_1_;
  request_.method = method_of(verb);
  request_.head = verb == http::verb::head;
  const auto path = without_authority({target.data(), target.size()});
  const auto question = path.find('?');
  request_.path = path.substr(0, question);
  if (question != std::string_view::npos) request_.query = path.substr(question + 1);
}

/// Trailers are for what is known of a body once it was sent; a Host or a token there would be read
/// by one recipient and not by another (RFC 9110, 6.5.1).
void RequestParser::on_field_impl(http::field field, Text name, Text value, Error& error) {
  count(name.size() + value.size() + std::string_view(": \r\n").size(), error);
  if (header_is_over_) return;
  switch (field) {
    case http::field::host:
      ++hosts_;
      break;
    case http::field::transfer_encoding:
      ++transfer_encodings_;
      is_chunked_ = beast::iequals(value, "chunked");
      break;
    case http::field::authorization:
      ++authorizations_;
      request_.authorization.assign(value.data(), value.size());
      break;
    case http::field::content_type:
      request_.content_type.assign(value.data(), value.size());
      break;
    case http::field::content_encoding:
      request_.encoded = !beast::iequals(value, "identity");
      break;
    case http::field::expect:
      expects_continue_ = is_http_1_1_ && beast::iequals(value, "100-continue");
      break;
    case http::field::if_match:
      take_protection(request_.if_match, value);
      break;
    case http::field::if_none_match:
      if (!request_.if_none_match.empty()) request_.if_none_match += ',';
      request_.if_none_match.append(value.data(), value.size());
      break;
    case http::field::unknown:
      if (beast::iequals(name, "Idempotency-Key")) {
        take_protection(request_.idempotency_key, value);
      } else if (beast::iequals(name, "X-Forwarded-For")) {
        if (!request_.forwarded_for.empty()) request_.forwarded_for += ',';
        request_.forwarded_for.append(value.data(), value.size());
      }
      if (beast::iequals(name, "X-Request-Id") && is_uuid({value.data(), value.size()})) {
        request_.request_id.assign(value.data(), value.size());
      }
      if (beast::iequals(name, "traceparent")) {  // given twice, it says nothing
        const bool first = ++traces_ == 1;
        request_.trace_id = first ? trace_id_of({value.data(), value.size()}) : "";
      }
      break;
    default:
      break;
  }
}

std::size_t RequestParser::on_body_impl(Text piece, Error&) {
  request_.body.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text piece, Error&) {
  request_.body.append(piece.data(), piece.size());
  return piece.size();
}

}  // namespace boxoffice::server
