// One private server of each product for the whole test program, in memory; started at first use.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "harness/database/private_database.hpp"

namespace boxoffice::tests {

inline const harness::PrivateDatabaseOptions k_in_memory = {
    .durability = harness::Durability::relaxed,
    .storage = harness::Storage::memory,
    .connections_max = 50,
    .binaries = {},
    .mysql_root = {}};

/// The same server at each call.
harness::PrivateDatabase& shared_server(const std::string& product);

/// Once for each product; skipped, and said so, where there is no MySQL. The others are everywhere
/// (cmake/setup).
class ProductTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() != std::string("mysql")) return;
    const std::string missing = harness::why_not_installed(GetParam(), {});
    if (!missing.empty()) GTEST_SKIP() << "NOT TESTED: " << missing;
  }
};

inline std::string product_of(const ::testing::TestParamInfo<const char*>& test) {
  return test.param;
}

}  // namespace boxoffice::tests
