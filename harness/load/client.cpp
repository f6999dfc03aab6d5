// See client.hpp.
#include "harness/load/client.hpp"

namespace boxoffice::load {

std::unique_ptr<Client> make_client(const std::string& target, std::size_t connections,
                                    std::chrono::milliseconds timeout,
                                    const RequestHeaders& headers) {
  const bool tls = target.starts_with("https://");
  return (tls ? make_curl_client : make_socket_client)(target, connections, timeout, headers);
}

}  // namespace boxoffice::load
