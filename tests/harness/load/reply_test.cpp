// Bodies of replies, as the server writes them and as it never should.
#include "harness/load/reply.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "properties/history_json.hpp"

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

TEST(Reply, AnIdMayBeAnyNumberOf64Bits) {
  ReplyReader reader;
  const Reply reply = reader.read(
      Function::reserve, 201,
      R"({"reservation":{"id":9223372036854775807,"user_id":1152921504606846977,"quantity":1,)"
      R"("expires_at":"9999-12-31T23:59:59Z"},"event":{"available_tickets":0}})");
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.out.reservation_id, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(reply.out.user_id, (std::int64_t{1} << 60) + 1);
  EXPECT_EQ(reply.out.expires_us, 253'402'300'799'000'000);
  for (const char* id : {"-9223372036854775808", "9223372036854775808", "1e30"}) {
    const std::string body = R"({"reservation":{"id":)" + std::string(id) + "}}";
    EXPECT_FALSE(reader.read(Function::reserve, 201, body).valid) << id;
  }
}

// Recorded, it would be a history that nobody can read.
TEST(Reply, ANumberThatNoHistoryMayHoldMakesItUnreadable) {
  ReplyReader reader;
  const auto reserved = [&](std::string_view quantity, std::string_view available,
                            std::string_view version) {
    std::string body = R"({"reservation":{"id":41,"quantity":)";
    body.append(quantity).append(R"(},"event":{"available_tickets":)").append(available);
    body.append(R"(,"version":)").append(version).append("}}");
    return reader.read(Function::reserve, 201, body);
  };
  EXPECT_TRUE(reserved("2147483647", "9007199254740991", "-9007199254740991").valid);
  for (const char* beyond : {"9007199254740992", "-9007199254740992", "1152921504606846976",
                             "18446744073709551615", "99999999999999999999", "1e300"}) {
    for (const Reply& reply :
         {reserved(beyond, "1", "1"), reserved("1", beyond, "1"), reserved("1", "1", beyond)}) {
      EXPECT_FALSE(reply.valid) << beyond;
      std::string text;
      properties::append_line(text, properties::Header{});
      properties::Entry entry;
      properties::append_line(text, entry);
      entry.index = 1;
      entry.type = properties::EntryType::info;
      entry.out = reply.out;
      properties::append_line(text, entry);
      EXPECT_TRUE(properties::read_history(text)) << beyond;
    }
  }
  EXPECT_FALSE(reserved("2147483648", "1", "1").valid);
  EXPECT_FALSE(reader
                   .read(Function::reserve, 409,
                         R"({"code":"sold_out","event":{"available_tickets":1152921504606846976}})")
                   .valid);
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
  for (const char* same :
       {"2024-02-29t12:00:00z", "2024-02-29T12:00:00+00:00", "2024-02-29T12:00:00-00:00",
        "2024-02-29T14:00:00+02:00", "2024-02-29T06:15:00-05:45", "2024-03-01T01:30:00+13:30"}) {
    EXPECT_EQ(parse_utc_us(same), 1709208000000000) << same;
  }
  for (const char* wrong :
       {"", "2024-02-29", "2023-02-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29T25:00:00Z",
        "2024-02-29T12:00:00+02", "2024-02-29T12:00:00+0200", "2024-02-29T12:00:00+24:00",
        "2024-02-29T12:00:00+02:60", "2024-02-29T12:00:00-", "2024-02-29T12:00:00+00:00Z",
        "2024-02-29T12:00:00.Z", "2024-02-29 12:00:00Z", "-024-02-29T12:00:00Z"}) {
    EXPECT_FALSE(parse_utc_us(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace boxoffice::load
