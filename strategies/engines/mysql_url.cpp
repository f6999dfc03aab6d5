// See mysql_url.hpp.
#include "strategies/engines/mysql_url.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "strategies/database.hpp"
#include "strategies/engines/percent.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::strategies {

namespace {

Tls tls_from(const std::string& word) {
  if (word == "off") return Tls::off;
  if (word == "required") return Tls::required;
  if (word == "verify-full") return Tls::verify_full;
  throw ConfigurationError("database URL: tls=" + word + ": known are off, required, verify-full");
}

void set(MysqlAddress& address, const std::string& key, const std::string& value) {
  if (key == "socket") {
    address.socket = value;
  } else if (key == "tls") {
    address.tls = tls_from(value);
  } else if (key == "ca") {
    address.ca = value;
  } else {
    throw ConfigurationError("database URL: unknown parameter '" + key +
                             "': known are socket, tls, ca");
  }
}

// libmariadb's message for it does not name the file.
void check_authorities(const MysqlAddress& address) {
  if (address.ca.empty()) return;
  if (address.tls == Tls::off) {
    throw ConfigurationError("database URL: ca has nothing to check without tls=verify-full");
  }
  if (access(address.ca.c_str(), R_OK) != 0) {
    throw ConfigurationError(
        fmt::format("database URL: ca={}: {}", address.ca, std::strerror(errno)));
  }
}

}  // namespace

bool MysqlAddress::in_the_clear() const {
  return tls == Tls::off && socket.empty() && !is_loopback(host);
}

std::string MysqlAddress::display() const {
  std::string text = fmt::format("mysql://{}@{}:{}/{}", percent_encoded(user), host_in_url(host),
                                 port, percent_encoded(name));
  char before = '?';
  const auto add = [&](const char* key, const std::string& value) {
    text += before + parameter_in_url(key, value);
    before = '&';
  };
  if (!socket.empty()) add("socket", socket);
  if (tls != Tls::off) add("tls", tls == Tls::required ? "required" : "verify-full");
  if (!ca.empty()) add("ca", ca);
  return text;
}

MysqlAddress read_mysql_url(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) {
    throw ConfigurationError("database URL: not of the form mysql://user@host:port/name (" +
                             parsed.error().message() + ")");
  }
  MysqlAddress address;
  address.user = parsed->user();
  address.password = parsed->password();
  if (!parsed->host().empty()) address.host = parsed->host_address();
  if (parsed->has_port()) {
    const std::string port(parsed->port());
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0 ||
        address.port > 65535) {
      throw ConfigurationError("database URL: '" + port + "' is not a port");
    }
  }
  const auto segments = parsed->segments();
  if (segments.size() != 1 || (*segments.begin()).empty()) {
    throw ConfigurationError("database URL: it names no database: mysql://user@host:port/name");
  }
  address.name = *segments.begin();
  for (const auto& param : parsed->params()) set(address, param.key, param.value);
  check_authorities(address);
  if (address.user.empty())
    throw ConfigurationError("database URL: it names no user: mysql://user@host:port/name");
  return address;
}

}  // namespace boxoffice::strategies
