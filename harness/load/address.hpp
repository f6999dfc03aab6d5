// Where a generator's plain connections go: a target's text, resolved once.
#pragma once

#include <sys/socket.h>

#include <string>

namespace boxoffice::load {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  bool tcp = true;
  std::string host;  ///< for the Host field: "127.0.0.1:8080"; "localhost" on a unix socket
};

/// `target` is "http://host[:port]" or "unix:/path". Throws std::runtime_error where it is neither,
/// where the name is unknown, or where the path is too long for a socket.
Address resolve_target(const std::string& target);

}  // namespace boxoffice::load
