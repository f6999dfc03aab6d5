#include "server/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace boxoffice::server {
namespace {

const std::string k_trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string k_parent = "00f067aa0ba902b7";

TEST(TraceContext, TheTraceIdOfAValidHeader) {
  EXPECT_EQ(k_trace, trace_id_of("00-" + k_trace + "-" + k_parent + "-01"));
  EXPECT_EQ(k_trace, trace_id_of("00-" + k_trace + "-" + k_parent + "-00"));
  EXPECT_EQ(k_trace, trace_id_of("cc-" + k_trace + "-" + k_parent + "-01"));
  EXPECT_EQ(k_trace, trace_id_of("cc-" + k_trace + "-" + k_parent + "-01-what-comes-later"));
}

TEST(TraceContext, WhatIsNotAsTheStandardSaysIsNoTrace) {
  const std::string zeros(32, '0');
  const std::string capitals = "4BF92F3577B34DA6A3CE929D0E0E4736";
  for (const std::string& text : {
           std::string(),
           k_trace,
           "ff-" + k_trace + "-" + k_parent + "-01",
           "0-" + k_trace + "-" + k_parent + "-01",
           "00-" + zeros + "-" + k_parent + "-01",
           "00-" + k_trace + "-" + zeros.substr(16) + "-01",
           "00-" + capitals + "-" + k_parent + "-01",
           "00-" + k_trace.substr(1) + "-" + k_parent + "-01",
           "00-" + k_trace.substr(1) + "\"-" + k_parent + "-01",
           "00-" + k_trace + "-" + k_parent + "-1",
           "00-" + k_trace + "-" + k_parent + "-0g",
           "00_" + k_trace + "-" + k_parent + "-01",
           "00-" + k_trace + "-" + k_parent + "-01-more",
           "cc-" + k_trace + "-" + k_parent + "-01.more",
       }) {
    EXPECT_EQ("", trace_id_of(text)) << text;
  }
}

}  // namespace
}  // namespace boxoffice::server
