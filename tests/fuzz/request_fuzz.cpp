// Any bytes on a socket: however they are cut into pieces, they are the same requests. Two readings
// of one stream is what request smuggling is made of.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/request_parser.hpp"
#include "server/routes.hpp"

namespace {

using namespace boxoffice::server;

/// The requests that were complete before the stream's end or the first mistake, as a text to
/// compare. When a mistake in a header that is not complete yet is seen may differ: no request
/// comes of it either way.
std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  std::string seen;
  std::string waiting;
  Request request;
  std::optional<RequestParser> parser(std::in_place, request, 8 * 1024, 64 * 1024);
  for (std::size_t at = 0; at < bytes.size() || at == 0; at += piece) {
    waiting += bytes.substr(std::min(at, bytes.size()), piece);
    while (!waiting.empty()) {
      boost::beast::error_code error;
      const auto used = parser->put(boost::asio::buffer(waiting), error);
      waiting.erase(0, used);
      if (error && error != boost::beast::http::error::need_more) return seen;
      if (!parser->is_header_done()) break;
      if (parser->is_contradictory()) return seen;
      if (!parser->is_done()) {
        if (used == 0) break;
        continue;
      }
      const auto match = match_route(request.method, request.path, Scope::both);
      seen += '|' + std::string(match.route == nullptr ? "" : match.route->pattern) + ' ' +
              request.path + '?' + request.query + '\n' + request.authorization + '\n' +
              request.idempotency_key + '\n' + request.forwarded_for + '\n' + request.body;
      const bool keeps = parser->keep_alive();
      request.clear();
      parser.emplace(request, 8 * 1024, 64 * 1024);
      if (!keeps) return seen + "|end";
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = read_in_pieces(bytes, bytes.size() + 1);
  const std::string pieces = read_in_pieces(bytes, 1 + data[0] % 64);
  if (whole == pieces) return 0;
  std::fprintf(stderr, "as a whole:\n%s\nin pieces:\n%s\n", whole.c_str(), pieces.c_str());
  std::abort();
}
