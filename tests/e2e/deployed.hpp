// Programs that are no part of this project and that a server is deployed with: installed ones, or
// those that cmake/deployment has unpacked in build/deployment-root, which need their libraries.
#pragma once

#include <unistd.h>

#include "harness/database/private_database.hpp"
#include "tests/e2e/program.hpp"

namespace boxoffice::tests {

inline std::filesystem::path unpacked_root() {
  return std::filesystem::path(BOXOFFICE_SOURCE_DIR) / "build" / "deployment-root";
}

/// Its path; empty where it is nowhere.
inline std::string find_deployed(const std::string& program) {
  auto directories = harness::program_directories({"/usr/sbin", "/usr/local/sbin"});
  for (const char* const folder : {"usr/bin", "usr/sbin"}) {
    directories.push_back(unpacked_root() / folder);
  }
  for (const auto& directory : directories) {
    if (::access((directory / program).c_str(), X_OK) == 0) return directory / program;
  }
  return "";
}

/// Where the unpacked ones find what this machine does not have.
inline Environment with_unpacked_libraries(Environment environment = {}) {
  std::string path;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(unpacked_root() / "usr" / "lib", none)) {
    if (entry.path().string().ends_with("-linux-gnu")) path += entry.path().string() + ":";
  }
  if (!path.empty()) environment["LD_LIBRARY_PATH"] = path;
  return environment;
}

}  // namespace boxoffice::tests
