// An authority of the test's own and certificates from it, made by the openssl program, which the
// package ca-certificates brings along.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace boxoffice::tests {

struct Issued {
  std::filesystem::path certificate, key;  ///< PEM
};

class Authority {
 public:
  /// Its files, and those that it issues, are in `directory`, their names beginning with `name`.
  Authority(const std::filesystem::path& directory, const std::string& name);

  /// What to trust.
  std::filesystem::path certificate() const { return directory_ / (name_ + ".ca.pem"); }
  /// For `names` ("IP:127.0.0.1,DNS:localhost"); valid for so many days, negative: until then ago.
  Issued issue(const std::string& file, const std::string& names, int days = 90) const;

 private:
  void run(const std::vector<std::string>& arguments, int days_ago = 0) const;

  std::filesystem::path directory_;
  std::string name_;
};

}  // namespace boxoffice::tests
