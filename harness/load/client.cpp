// See client.hpp.
#include "harness/load/client.hpp"

namespace boxoffice::load {

std::unique_ptr<Client> make_client(const std::string& target, std::size_t connections,
                                    std::chrono::milliseconds timeout) {
  if (target.starts_with("https://")) return make_curl_client(target, connections, timeout);
  return make_socket_client(target, connections, timeout);
}

}  // namespace boxoffice::load
