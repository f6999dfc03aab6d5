// The configuration as TOML: one flat table whose keys are the settings' (settings.cpp).
//
//   database_file = "/run/secrets/database"
//   pool = 32
//   hold = "5m"
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/setting.hpp"

namespace boxoffice::server {

/// A text for a setting, and where it stands, for whoever has to correct it.
struct Given {
  const Setting* setting;
  std::string text;
  std::string where;  ///< "server.toml:3: pool", "--pool", "BOXOFFICE_SERVER_POOL"
};

/// In the order of the file's lines. Throws ConfigurationError, "FILE:LINE: ...", for what is not
/// TOML, a key that is no setting's, a value of another type.
std::vector<Given> read_configuration_file(const std::string& path,
                                           std::span<const Setting> settings);

/// Every setting with its value, as a file that can be read again; what is secret is masked.
std::string to_toml(const Configuration& configuration, std::span<const Setting> settings);

}  // namespace boxoffice::server
