// See mysql_url.hpp.
#include "harness/database/mysql_url.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw SqlError("08001", "the mysql:// URL " + what);
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || end != digits.data() + 2) refuse("has a '%' without two digits");
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

// What stands before the first `mark`; `rest` keeps what follows it, nothing where there is none.
std::string_view cut(std::string_view& rest, std::string_view marks) {
  const auto at = std::min(rest.find_first_of(marks), rest.size());
  const auto head = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return head;
}

unsigned port_of(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    refuse("has a port that is no number from 1 to 65535");
  return port;
}

void take_parameter(std::string_view text, MysqlUrl& url) {
  const std::string_view key = cut(text, "=");
  const std::string value = decoded(text);
  if (key == "socket") {
    url.socket = value;
  } else if (key == "tls") {
    url.verify = value == "verify-full";
    url.tls = url.verify || value == "required";
    if (!url.tls && value != "off")
      refuse("has tls=" + value + ": one of off, required, verify-full");
  } else if (key == "ca") {
    url.ca = value;
  } else {
    refuse("has an unknown parameter '" + std::string(key) + "' (there are socket, tls, ca)");
  }
}

}  // namespace

MysqlUrl parse_mysql_url(const std::string& url) {
  std::string_view rest = url;
  if (dialect_of(url) != SqlDialect::mysql) refuse("does not begin with mysql:// or mariadb://");
  rest.remove_prefix(rest.find("//") + 2);
  const auto query_at = std::min(rest.find('?'), rest.size());
  std::string_view query = rest.substr(std::min(query_at + 1, rest.size()));
  rest = rest.substr(0, query_at);

  MysqlUrl parsed;
  std::string_view authority = cut(rest, "/");
  parsed.name = decoded(rest);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view who = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    parsed.user = decoded(cut(who, ":"));
    parsed.password = decoded(who);
  }
  const std::string_view host = cut(authority, ":");
  if (!host.empty()) parsed.host = decoded(host);
  if (!authority.empty()) parsed.port = port_of(authority);
  while (!query.empty()) take_parameter(cut(query, "&"), parsed);
  if (parsed.user.empty()) refuse("names no user (mysql://user@host:port/name)");
  return parsed;
}

}  // namespace boxoffice::harness
