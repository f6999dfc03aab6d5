// From bytes to a Request: Beast's parser, of whose callbacks we keep the few things that we use.
//
// Beast's own message type would store every field in a node of its own; here the handful of fields
// that mean something to this server go into strings that the connection uses again.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include "server/request.hpp"

namespace boxoffice::server {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  /// Fills `request`, which was cleared. `header_bytes_max`: of its first line, its fields, the
  /// chunks' extensions and the trailers together; more is error::header_limit.
  RequestParser(Request& request, std::uint32_t header_bytes_max, std::uint64_t body_bytes_max);

  /// The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  /// The header is complete, but not one that HTTP allows: no Host, two tokens, a body whose end
  /// is not certain (RFC 9112, 6.1 and 6.3), ...
  bool is_contradictory() const;

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text name, Text target, int version,
                       Error& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override;
  void on_header_impl(Error&) override { header_is_over_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(Text piece, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t, Text piece, Error& error) override;
  void on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) override {
    count(extensions.size(), error);
  }
  void on_finish_impl(Error&) override {}
  void on_response_impl(int, Text, int, Error&) override {}

  void count(std::size_t bytes, Error& error);

  Request& request_;
  const std::uint32_t header_bytes_max_;
  std::size_t header_bytes_ = 0;  // Beast limits each piece of a header, not their sum
  bool is_http_1_1_ = false;
  bool expects_continue_ = false;
  bool header_is_over_ = false;  // what comes as a field now is a trailer
  int hosts_ = 0;
  int transfer_encodings_ = 0;
  bool is_chunked_ = false;  // and nothing else
  int authorizations_ = 0;
  int traces_ = 0;
};

}  // namespace boxoffice::server
