// Bodies of replies, as the server writes them and as it never should.
#include "harness/load/reply.hpp"

#include <gtest/gtest.h>

namespace boxoffice::load {
namespace {

using properties::Function;
using properties::ReservationStatus;

constexpr std::string_view k_reserved =
    R"({"reservation":{"id":41,"event_id":7,"user_id":3,"quantity":2,"status":"reserved",)"
    R"("expires_at":"2026-07-04T18:30:00.123456Z","purchased_at":null,"new":[1,{"a":2}]},)"
    R"("event":{"id":7,"available_tickets":98,"version":12}})";

TEST(Reply, Reserved) {
  ReplyReader reader;
  const Reply reply = reader.read(Function::reserve, 201, k_reserved);
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.out.http, 201);
  EXPECT_EQ(reply.out.reservation_id, 41);
  EXPECT_EQ(reply.out.user_id, 3);
  EXPECT_EQ(reply.out.quantity, 2);
  EXPECT_EQ(reply.out.status, ReservationStatus::reserved);
  EXPECT_EQ(reply.out.available, 98);
  EXPECT_EQ(reply.out.version, 12);
  EXPECT_EQ(reply.out.expires_us, 1783189800123456);
}

TEST(Reply, PurchaseCarriesNoEvent) {
  ReplyReader reader;
  const Reply reply =
      reader.read(Function::purchase, 200, R"({"reservation":{"id":41,"status":"purchased"}})");
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.out.status, ReservationStatus::purchased);
  EXPECT_FALSE(reply.out.available);
  EXPECT_FALSE(reply.out.expires_us);
}

TEST(Reply, ReadNeedsTheAvailability) {
  ReplyReader reader;
  const Reply reply =
      reader.read(Function::read, 200,
                  R"({"event":{"id":7,"total_tickets":100,"available_tickets":98,"version":12}})");
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.out.available, 98);
  EXPECT_FALSE(reader.read(Function::read, 200, R"({"event":{"id":7}})").valid);
}

TEST(Reply, ProblemWithItsEvent) {
  ReplyReader reader;
  const Reply reply = reader.read(
      Function::reserve, 409,
      R"({"type":"x","title":"Sold out","status":409,"code":"sold_out","effect":"none",)"
      R"("event":{"id":7,"available_tickets":0,"version":100}})");
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.code, "sold_out");
  EXPECT_TRUE(reply.effect_none);
  EXPECT_EQ(reply.out.available, 0);
  EXPECT_EQ(reply.out.version, 100);
}

TEST(Reply, WhatIsNoReplyIsNotValid) {
  ReplyReader reader;
  for (const std::string_view body :
       {"", "{", "[]", "null", "<html>", R"({"reservation":{"id":"41"}})",
        R"({"reservation":[41]})", R"({"reservation":{"id":41}} trailing)", R"({"id":41})"}) {
    EXPECT_FALSE(reader.read(Function::reserve, 201, body).valid) << body;
  }
  EXPECT_FALSE(reader.read(Function::reserve, 503, R"({"title":"no code"})").valid);
  // And the reader is none the worse for it.
  EXPECT_TRUE(reader.read(Function::reserve, 201, k_reserved).valid);
}

TEST(Reply, LargerThanTheKeptMemory) {
  ReplyReader reader;
  const std::string body =
      R"({"padding":")" + std::string(200'000, 'x') + R"(",)" + std::string(k_reserved.substr(1));
  EXPECT_TRUE(reader.read(Function::reserve, 201, body).valid);
}

TEST(Reply, Times) {
  EXPECT_EQ(parse_utc_us("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_utc_us("1970-01-01T00:00:01.5Z"), 1'500'000);
  EXPECT_EQ(parse_utc_us("2024-02-29T12:00:00.000001Z"), 1709208000000001);
  EXPECT_EQ(parse_utc_us("2024-02-29T12:00:00.123456789Z"), 1709208000123456);
  for (const char* wrong :
       {"", "2024-02-29", "2023-02-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29T25:00:00Z",
        "2024-02-29T12:00:00+02:00", "2024-02-29T12:00:00.Z", "2024-02-29 12:00:00Z",
        "-024-02-29T12:00:00Z"}) {
    EXPECT_FALSE(parse_utc_us(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace boxoffice::load
