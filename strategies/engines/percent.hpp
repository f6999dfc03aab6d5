// Parts of a database's URL, written so that reading it again gives the same.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace boxoffice::strategies {

/// `text` with all but RFC 3986's unreserved characters, and those in `also`, as %XX.
inline std::string percent_encoded(std::string_view text, std::string_view also = "") {
  constexpr std::string_view k_unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    const bool stays = k_unreserved.find(c) != k_unreserved.npos || also.find(c) != also.npos;
    out += stays ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// A name or an address as what stands between '@' and the port: IPv6 in brackets.
inline std::string host_in_url(const std::string& host) {
  return host.find(':') == host.npos ? percent_encoded(host)
                                     : "[" + percent_encoded(host, ":") + "]";
}

/// Of a URL's parameters, of which a path is the most usual value.
inline std::string parameter_in_url(std::string_view key, std::string_view value) {
  return fmt::format("{}={}", key, percent_encoded(value, "/,:"));
}

}  // namespace boxoffice::strategies
