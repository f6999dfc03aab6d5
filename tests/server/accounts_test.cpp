// What accounts and events are written with: passwords, abilities, times, bodies, preconditions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/abilities.hpp"
#include "server/idempotent.hpp"
#include "server/passwords.hpp"
#include "server/time_text.hpp"
#include "server/validation.hpp"

namespace boxoffice::server {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

Request with_body(std::string body) {
  Request request;
  request.body = std::move(body);
  return request;
}

std::vector<std::string> wrong_fields(const std::optional<Invalid>& invalid) {
  std::vector<std::string> fields;
  if (invalid) {
    EXPECT_EQ(invalid->code, ProblemCode::validation_failed);
    for (const FieldError& error : invalid->errors) fields.push_back(error.field);
  }
  return fields;
}

TEST(Passwords, AreHashedWithArgon2idAndASaltOfTheirOwn) {
  const std::string hash = hash_password("correct horse");
  EXPECT_THAT(hash, StartsWith("$argon2id$"));
  EXPECT_NE(hash, hash_password("correct horse"));
  EXPECT_TRUE(is_password("correct horse", hash));
  EXPECT_FALSE(is_password("correct horsf", hash));
  EXPECT_FALSE(is_password("", "!")) << "of a seeded user";
  EXPECT_FALSE(is_password("x", ""));
}

TEST(Passwords, TokensAreDrawn) {
  const DrawnToken one = draw_token(), other = draw_token();
  EXPECT_EQ(one.plaintext.size(), 48U);
  EXPECT_NE(one.plaintext, other.plaintext);
  EXPECT_EQ(one.sha256_hex, sha256_hex(one.plaintext));
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      << "FIPS 180-4's example";
}

TEST(Abilities, AreWhatTheirNamesSay) {
  EXPECT_TRUE(Abilities::all().has(Ability::admin));
  EXPECT_EQ(Abilities::all().to_json(), R"(["*"])");
  const auto reads = Abilities::from_json(R"(["reservations:read","from:the:future",7])");
  EXPECT_TRUE(reads.has(Ability::reservations_read));
  EXPECT_TRUE(reads.has(Ability::none));
  EXPECT_FALSE(reads.has(Ability::reservations_write));
  EXPECT_EQ(reads.to_json(), R"(["reservations:read"])");
  EXPECT_TRUE(Abilities::from_json("not json").empty());
  EXPECT_TRUE(Abilities::from_json("{}").empty());
}

TEST(Times, AsRfc3339WritesThem) {
  using std::chrono::sys_days, std::chrono::year;
  using namespace std::chrono_literals;
  const strategies::Timestamp noon = sys_days{year{2026} / 1 / 31} + 12h;
  EXPECT_EQ(parse_time("2026-01-31T12:00:00Z"), noon);
  EXPECT_EQ(parse_time("2026-01-31t13:30:00.000+01:30"), noon);
  EXPECT_EQ(parse_time("2026-01-31T12:00:00.1234567Z"), noon + 123456us);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00-00:30"), sys_days{year{2024} / 2 / 29} + 30min);
  for (const char* wrong :
       {"", "2026-01-31", "2026-01-31T12:00Z", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:00:60Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+1:00", "0999-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z", "2026-01-31T12:00:00Z ", "2026-01-31 12:00:00Z"})
    EXPECT_FALSE(parse_time(wrong)) << wrong;
}

TEST(Accounts, ARegistration) {
  Inputs inputs;
  EXPECT_FALSE(read_registration(
      with_body(R"({"name":"Ada","email":"Ada@Example.TEST","password":"12345678"})"), inputs));
  EXPECT_EQ(inputs.account->email, "ada@example.test");
  EXPECT_EQ(inputs.account->device_name, "registration");
  EXPECT_THAT(wrong_fields(read_registration(with_body(""), inputs)),
              ElementsAre("name", "email", "password"));
  EXPECT_THAT(
      wrong_fields(read_registration(
          with_body(R"({"name":"","email":"ada","password":"short","role":"admin"})"), inputs)),
      ElementsAre("name", "email", "password", "role"));
  for (const char* email : {"@a", "a@", "a@@b", "a b@c", "a@b@c", "<a>@b", "a,b@c"}) {
    const std::string body =
        std::string(R"({"name":"x","password":"12345678","email":")") + email + "\"}";
    EXPECT_THAT(wrong_fields(read_registration(with_body(body), inputs)), ElementsAre("email"))
        << email;
  }
}

TEST(Accounts, ALoginMayAskForLess) {
  Inputs inputs;
  EXPECT_FALSE(read_login(with_body(R"({"email":"a@b","password":"x","device_name":"phone",
                                        "abilities":["reservations:read"]})"),
                          inputs));
  EXPECT_FALSE(inputs.account->abilities.has(Ability::reservations_write));
  EXPECT_THAT(
      wrong_fields(read_login(
          with_body(R"({"email":"a@b","password":"x","device_name":"p","abilities":["root"]})"),
          inputs)),
      ElementsAre("abilities"));
  EXPECT_EQ(read_login(with_body("[]"), inputs)->code, ProblemCode::malformed_request);
}

TEST(Events, ANewEventNeedsThree) {
  Inputs inputs;
  EXPECT_FALSE(read_new_event(
      with_body(R"({"name":"Aida","total_tickets":0,"event_date":"2030-01-01T20:00:00Z",
                    "description":"two\nlines","price":"12.5","currency":"CHF"})"),
      inputs));
  EXPECT_EQ(inputs.event->price, "12.5");
  EXPECT_THAT(wrong_fields(read_new_event(with_body("{}"), inputs)),
              ElementsAre("name", "total_tickets", "event_date"));
  EXPECT_THAT(wrong_fields(read_event_edit(
                  with_body(R"({"name":"a\u0000b","total_tickets":-1,"price":12.5,"currency":"eur",
                                "event_date":"soon","category":"","version":7})"),
                  inputs)),
              ElementsAre("name", "total_tickets", "price", "currency", "event_date", "category",
                          "version"));
  for (const char* price : {"1.234", "123456789", "-1", "1.", ".5", "1e2", ""}) {
    EXPECT_THAT(wrong_fields(read_event_edit(
                    with_body(std::string(R"({"price":")") + price + "\"}"), inputs)),
                ElementsAre("price"))
        << price;
  }
}

TEST(Events, AQueryIsReadWhole) {
  const auto read = [](const std::string& query, Inputs& inputs) {
    Request request;
    request.query = query;
    return read_events_query(request, inputs);
  };
  Inputs inputs;
  EXPECT_FALSE(
      read("q=a%C3%AFda&category=opera&available=true&sort=-event_date&page=2"
           "&from=2030-01-01T00%3A00%3A00Z",
           inputs));
  EXPECT_EQ(inputs.filter->text, "a\u00efda");
  EXPECT_EQ(inputs.filter->order, strategies::EventOrder::date);
  EXPECT_TRUE(inputs.filter->descending);
  EXPECT_EQ(inputs.page.page, 2);
  for (const char* wrong : {"sort=price", "available=maybe", "from=soon", "q=%00", "q=%FF",
                            "q=%ED%A0%80", "q=%C0%AF", "page=0", "limit=3"})
    EXPECT_TRUE(read(wrong, inputs)) << wrong;
}

TEST(Events, IfMatchComparesTheRevision) {
  const auto revision = [](std::string tag) {
    Request request;
    request.if_match = std::move(tag);
    return read_if_match(request);
  };
  EXPECT_EQ(revision(""), std::nullopt);
  EXPECT_EQ(revision("*"), std::nullopt);
  EXPECT_EQ(revision("\"7.123\""), 7);
  EXPECT_EQ(revision("\"7\""), 7);
  for (const char* none : {"7.1", "\"\"", "\"x.1\"", "W/\"7.1\"", "\"7.1\", \"8.1\""})
    EXPECT_EQ(revision(none), k_no_revision) << none;
}

TEST(IdempotencyKeys, AreVisibleAndNotForSecrets) {
  Request request;
  EXPECT_FALSE(check_idempotency_key(request, false));
  request.idempotency_key = "order-1";
  EXPECT_FALSE(check_idempotency_key(request, true));
  EXPECT_TRUE(check_idempotency_key(request, false));
  request.idempotency_key = "order 1";
  EXPECT_TRUE(check_idempotency_key(request, true));
  request.idempotency_key = std::string(256, 'a');
  EXPECT_TRUE(check_idempotency_key(request, true));
}

}  // namespace
}  // namespace boxoffice::server
