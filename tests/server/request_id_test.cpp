#include "server/request_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace boxoffice::server {
namespace {

TEST(RequestId, WhatIsAUuid) {
  EXPECT_TRUE(is_uuid("206ad8ef-5564-4788-8b6f-cca85f9b25e8"));
  EXPECT_TRUE(is_uuid("206AD8EF-5564-4788-8B6F-CCA85F9B25E8"));
  for (const auto* text :
       {"", "206ad8ef-5564-4788-8b6f-cca85f9b25e", "206ad8ef-5564-4788-8b6f-cca85f9b25e88",
        "206ad8ef055640478808b6f0cca85f9b25e8", "g06ad8ef-5564-4788-8b6f-cca85f9b25e8",
        "-06ad8ef-5564-4788-8b6f-cca85f9b25e8"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

TEST(RequestId, OursAreVersion4AndDiffer) {
  std::set<std::string> seen;
  std::string id;
  for (int i = 0; i < 1000; ++i) {
    assign_uuid(id);
    EXPECT_TRUE(is_uuid(id)) << id;
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

}  // namespace
}  // namespace boxoffice::server
