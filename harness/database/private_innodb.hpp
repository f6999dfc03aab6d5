// What a private MariaDB and a private MySQL have in common: the settings, the URL, the way to ask
// whether they answer. See private_database.hpp.
#pragma once

#include "harness/database/private_database.hpp"

namespace boxoffice::harness {

class PrivateInnodb : public PrivateDatabase {
 public:
  const std::filesystem::path socket() const { return directory() / "socket"; }

 protected:
  PrivateInnodb(const PrivateDatabaseOptions& options, const std::string& product,
                const std::string& title);
  /// Settings that both know, each as the program's argument.
  std::vector<std::string> common_settings() const;

  bool answers() const override;
  std::string url_of(const std::string& name) const override;
  std::string tcp_url_of(const std::string& name) const override;
};

}  // namespace boxoffice::harness
