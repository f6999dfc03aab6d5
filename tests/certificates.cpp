// See certificates.hpp. Elliptic curves: an RSA key takes a second to find.
#include "tests/certificates.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <vector>

#include "harness/process/process.hpp"

namespace boxoffice::tests {

namespace fs = std::filesystem;

Authority::Authority(const fs::path& directory, const std::string& name)
    : directory_(directory), name_(name) {
  run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
       "365", "-subj", "/CN=Authority " + name, "-keyout",
       (directory / (name + ".ca.key")).string(), "-out", certificate().string()});
}

Issued Authority::issue(const std::string& file, const std::string& names, int days) const {
  const fs::path base = directory_ / (name_ + "." + file);
  const Issued issued{base.string() + ".pem", base.string() + ".key"};
  const std::string request = base.string() + ".request", extensions = base.string() + ".names";
  std::ofstream(extensions) << "subjectAltName=" << names << '\n';
  run({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
       "/CN=" + file, "-keyout", issued.key.string(), "-out", request});
  // OpenSSL 3.5 issues none that has ended: then it is issued when that was to come.
  const int valid = std::max(days, 1);
  run({"x509", "-req", "-in", request, "-CA", certificate().string(), "-CAkey",
       (directory_ / (name_ + ".ca.key")).string(), "-CAcreateserial", "-days",
       std::to_string(valid), "-extfile", extensions, "-out", issued.certificate.string()},
      valid - days);
  return issued;
}

void Authority::run(const std::vector<std::string>& arguments, int days_ago) const {
  std::vector<std::string> argv = {"openssl"};
  if (days_ago > 0) argv = {"faketime", "-f", "-" + std::to_string(days_ago) + "d", "openssl"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  harness::run_command({.argv = argv,
                        .output = directory_ / (name_ + ".openssl.log"),
                        .directory = directory_,
                        .user = {},
                        .environment = {}},
                       std::chrono::seconds(30), "openssl " + arguments.front());
}

}  // namespace boxoffice::tests
