// The Date field changes once a second, so its text is kept for that long.
#include "server/reply_text.hpp"

#include <array>
#include <ctime>

namespace boxoffice::server {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

/// As in "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). The "C" locale is never changed.
std::string_view date_now() {
  thread_local std::time_t second = 0;
  thread_local std::array<char, 32> text{};
  thread_local std::size_t length = 0;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    second = now;
  }
  return {text.data(), length};
}

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void write_reply_text(std::string& out, const Reply& reply, const Request& request,
                      Persistence persistence) {
  out.assign("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(reply.status));
  out.append(" ").append(reason_of(reply.status));
  out.append("\r\nDate: ").append(date_now());
  // 204 and 304 have no content, and so say nothing of it (RFC 9110, 8.6 and 15.4.5)
  if (reply.status != 204 && reply.status != 304) {
    out.append("\r\nContent-Type: ").append(reply.content_type);
    out.append("\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ");
    append_number(out, reply.body.size());
  }
  out.append("\r\nX-Request-Id: ").append(request.request_id).append("\r\n");
  if (persistence == Persistence::keep_said) out.append("Connection: keep-alive\r\n");
  if (persistence == Persistence::close) out.append("Connection: close\r\n");
  out.append(reply.headers).append("\r\n");
  if (!request.head) out.append(reply.body);
}

}  // namespace boxoffice::server
