#include "server/routes.hpp"

#include <gtest/gtest.h>

namespace boxoffice::server {
namespace {

TEST(Routes, FindsTheRouteAndItsId) {
  const auto match = match_route(Method::post, "/api/events/42/reserve", Scope::api);
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/api/events/{id}/reserve");
  EXPECT_EQ(match.route->who, Who::user);
  EXPECT_EQ(match.parameter, "42");
}

TEST(Routes, AnIdIsWhateverStandsThere) {
  EXPECT_EQ(match_route(Method::get, "/api/events/abc", Scope::api).parameter, "abc");
}

TEST(Routes, UnknownPathsAreUnknown) {
  for (const auto* path :
       {"", "/", "api/events", "/api/events/", "/api//events", "/api/events//reserve",
        "/api/events/1/reserve/", "/api/events/1/2", "/API/events", "*", "/api"}) {
    const auto match = match_route(Method::get, path, Scope::both);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_FALSE(match.path_known) << path;
  }
}

TEST(Routes, AnotherMethodIsNotAnotherPath) {
  const auto match = match_route(Method::other, "/api/reservations/7", Scope::api);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(allowed_methods("/api/reservations/7", Scope::api), "DELETE, GET, HEAD");
  EXPECT_EQ(allowed_methods("/api/events/7/reserve", Scope::api), "POST");
}

TEST(Routes, OperationsAreOnTheirPortOnly) {
  EXPECT_NE(match_route(Method::get, "/livez", Scope::both).route, nullptr);
  EXPECT_NE(match_route(Method::get, "/livez", Scope::operations).route, nullptr);
  EXPECT_FALSE(match_route(Method::get, "/livez", Scope::api).path_known);
  EXPECT_FALSE(match_route(Method::get, "/api/events", Scope::operations).path_known);
}

TEST(Routes, OnlyAdministratorsSweep) {
  EXPECT_EQ(match_route(Method::post, "/api/admin/sweep", Scope::api).route->who,
            Who::administrator);
}

}  // namespace
}  // namespace boxoffice::server
