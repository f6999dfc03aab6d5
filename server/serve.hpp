// The server's life: start, until a signal; drain, until a deadline; end.
#pragma once

#include <stdexcept>

#include "server/configuration.hpp"

namespace boxoffice::server {

/// Something of the machine's that the server needs and cannot have, such as its port.
class Unavailable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Returns 0 after SIGTERM or SIGINT. Throws Unavailable, strategies::Failure where the database is
/// away at the start, strategies::ConfigurationError.
int serve(const Configuration& configuration);

}  // namespace boxoffice::server
