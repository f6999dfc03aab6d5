// What a request is answered with, before it is put into HTTP's form by the session.
//
// A reply belongs to its call and is used again for the next one, so that a busy connection makes
// its strings once.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace boxoffice::server {

struct Reply {
  int status = 500;
  std::string_view content_type = "application/json";
  std::string headers;  ///< beyond those that the session adds; each ends in CRLF
  std::string body;

  void clear() {
    status = 500;
    content_type = "application/json";
    headers.clear();
    body.clear();
  }
  void header(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
  void header(std::string_view name, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    header(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
};

}  // namespace boxoffice::server
