// See servers.hpp.
#include "tests/harness/database/servers.hpp"

#include <map>
#include <memory>

namespace boxoffice::tests {

harness::PrivateDatabase& shared_server(const std::string& product) {
  static std::map<std::string, std::unique_ptr<harness::PrivateDatabase>> servers;
  auto& server = servers[product];
  if (!server) server = harness::start_private_database(product, k_in_memory);
  return *server;
}

}  // namespace boxoffice::tests
