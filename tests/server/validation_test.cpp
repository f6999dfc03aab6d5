#include "server/validation.hpp"

#include <gtest/gtest.h>

namespace boxoffice::server {
namespace {

Request with_body(std::string body, std::string content_type = "application/json") {
  Request request;
  request.body = std::move(body);
  request.content_type = std::move(content_type);
  return request;
}

Request with_query(std::string query) {
  Request request;
  request.query = std::move(query);
  return request;
}

TEST(Validation, Ids) {
  EXPECT_EQ(parse_id("1"), 1);
  EXPECT_EQ(parse_id("9223372036854775807"), 9223372036854775807);
  for (const auto* text :
       {"", "0", "-1", "+1", "1.0", "abc", "1%20", "9223372036854775808", "0x1"}) {
    EXPECT_FALSE(parse_id(text)) << text;
  }
}

TEST(Validation, AReserveBody) {
  Inputs inputs;
  EXPECT_FALSE(read_reserve_body(with_body(""), inputs));
  EXPECT_EQ(inputs.quantity, 1);
  EXPECT_FALSE(read_reserve_body(with_body("{}"), inputs));
  EXPECT_EQ(inputs.quantity, 1);
  EXPECT_FALSE(read_reserve_body(with_body(R"( {"quantity": 1000} )"), inputs));
  EXPECT_EQ(inputs.quantity, 1000);
  EXPECT_FALSE(read_reserve_body(with_body("{}", "Application/JSON; charset=utf-8"), inputs));
}

TEST(Validation, QuantitiesThatAreNone) {
  for (const auto* quantity : {"0", "1001", "-1", "1.0", "1e2", "\"1\"", "null", "true", "[1]",
                               "{}", "9223372036854775808", "18446744073709551616", "1e400"}) {
    Inputs inputs;
    const auto invalid =
        read_reserve_body(with_body(std::string(R"({"quantity":)") + quantity + "}"), inputs);
    ASSERT_TRUE(invalid) << quantity;
    EXPECT_EQ(inputs.quantity, 1);
    if (invalid->code == ProblemCode::malformed_request)
      continue;  // no number that JSON's reader takes
    EXPECT_EQ(invalid->code, ProblemCode::validation_failed);
    ASSERT_EQ(invalid->errors.size(), 1U);
    EXPECT_EQ(invalid->errors[0].field, "quantity");
  }
}

TEST(Validation, UnknownFieldsAreNamedAllAtOnce) {
  Inputs inputs;
  const auto invalid = read_reserve_body(with_body(R"({"quantty":2,"quantity":0})"), inputs);
  ASSERT_TRUE(invalid);
  EXPECT_EQ(invalid->errors.size(), 2U);
}

TEST(Validation, WhatIsNoJsonObjectIsMalformed) {
  const std::string deep(100, '[');
  for (const std::string& body :
       {std::string("{"), std::string("null"), std::string("[]"), std::string("1"),
        std::string("{} x"), std::string("{\"a\xff\":1}"), std::string(1, '\0'), deep}) {
    Inputs inputs;
    const auto invalid = read_reserve_body(with_body(body), inputs);
    ASSERT_TRUE(invalid) << body;
    EXPECT_EQ(invalid->code, ProblemCode::malformed_request) << body;
  }
}

TEST(Validation, OtherContentTypesAndEncodings) {
  Inputs inputs;
  const auto invalid =
      read_reserve_body(with_body("quantity=1", "application/x-www-form-urlencoded"), inputs);
  ASSERT_TRUE(invalid);
  EXPECT_EQ(invalid->code, ProblemCode::unsupported_media_type);
  auto encoded = with_body("{}");
  encoded.encoded = true;
  EXPECT_TRUE(read_reserve_body(encoded, inputs));
}

TEST(Validation, ABodyThatMustBeEmpty) {
  EXPECT_FALSE(read_empty_body(with_body("")));
  EXPECT_FALSE(read_empty_body(with_body("{}")));
  EXPECT_TRUE(read_empty_body(with_body(R"({"quantity":1})")));
}

TEST(Validation, Pages) {
  Inputs inputs;
  EXPECT_FALSE(read_events_query(with_query("page=3&per_page=100"), inputs));
  EXPECT_EQ(inputs.page.page, 3);
  EXPECT_EQ(inputs.page.per_page, 100);
  for (const auto* query :
       {"page=0", "page=", "page", "per_page=101", "page=9223372036854775807", "page=-1", "x=1",
        "status=reserved", "page=1&page=x", "%ff=1", "%zz=1", "=", "page=%00"}) {
    Inputs fresh;
    EXPECT_TRUE(read_events_query(with_query(query), fresh)) << query;
  }
}

TEST(Validation, StatusOfReservations) {
  Inputs inputs;
  EXPECT_FALSE(read_reservations_query(with_query("status=purchased&page=2"), inputs));
  EXPECT_EQ(inputs.status, strategies::Status::purchased);
  EXPECT_TRUE(read_reservations_query(with_query("status=sold"), inputs));
}

}  // namespace
}  // namespace boxoffice::server
