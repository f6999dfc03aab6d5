// See client.hpp.
#include "harness/load/client.hpp"

namespace boxoffice::load {

std::unique_ptr<Client> make_client(const std::string& target, std::size_t connections,
                                    std::chrono::milliseconds timeout,
                                    const RequestHeaders& headers, const std::string& ca) {
  if (target.starts_with("https://")) {
    return make_https_client(target, connections, timeout, headers, ca);
  }
  return make_socket_client(target, connections, timeout, headers);
}

std::unique_ptr<Client> make_client(const std::vector<std::string>& targets,
                                    std::size_t connections, std::chrono::milliseconds timeout,
                                    const RequestHeaders& headers, const std::string& ca) {
  if (targets.size() == 1) return make_client(targets.front(), connections, timeout, headers, ca);
  return make_spread_client(targets, connections, timeout, headers);
}

std::string_view certificate_problem(std::string_view code) {
  if (code == "certificate_not_trusted") {
    return "its certificate is not from an authority that is trusted (--ca FILE names a private "
           "one)";
  }
  if (code == "certificate_of_another_host") return "its certificate is for another host name";
  if (code == "authorities_unusable") return "the file of --ca holds no certificate that is usable";
  if (code == "tls_handshake_failed") return "no TLS came about: is it plain http://?";
  return "";
}

}  // namespace boxoffice::load
