// See address.hpp.
#include "harness/load/address.hpp"

#include <netdb.h>
#include <sys/un.h>

#include <boost/url/parse.hpp>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace boxoffice::load {
namespace {

Address unix_address(const std::string& path) {
  Address address;
  sockaddr_un name{};
  if (path.empty() || path.size() >= sizeof name.sun_path) {
    throw std::runtime_error("load: no path for a unix socket: '" + path + "'");
  }
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  std::memcpy(&address.storage, &name, sizeof name);
  address.length = sizeof name;
  address.tcp = false;
  address.host = "localhost";
  return address;
}

}  // namespace

Address resolve_target(const std::string& target) {
  if (target.starts_with("unix:")) return unix_address(target.substr(5));
  const auto url = boost::urls::parse_uri(target);
  // Boost reads a port that is no number as a path, and one that is too large as its lower bits.
  if (!url || url->scheme() != "http" || url->host().empty() ||
      (!url->encoded_path().empty() && !url->encoded_path().starts_with('/')) ||
      (url->has_port() && std::to_string(url->port_number()) != url->port())) {
    throw std::runtime_error("load: the target is no URL: " + target);
  }
  const std::string name = url->host_address();
  const std::string port = url->port().empty() ? "80" : std::string(url->port());
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int code = getaddrinfo(name.c_str(), port.c_str(), &hints, &list); code != 0) {
    throw std::runtime_error("load: the host of " + target + " is unknown: " + gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(list, freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  address.host = std::string(url->encoded_host_and_port());
  return address;
}

}  // namespace boxoffice::load
