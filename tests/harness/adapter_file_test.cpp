// Adapter files: the documented one, what is taken from it, and each kind of mistake with its line.
#include "harness/adapter_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/failure.hpp"
#include "harness/load/classify.hpp"
#include "tests/documented.hpp"

namespace boxoffice::harness {
namespace {

using load::Place;
using properties::Function;
using ::testing::HasSubstr;

// The smallest that is complete, a line each, so that a test can put a mistake in place of one.
const std::vector<std::string> k_lines = {
    "code = \"why\"",                       // 1
    "[reserve]",                            // 2
    "method = \"POST\"",                    // 3
    "path = \"/e/{event_id}\"",             // 4
    "reply = { reservation_id = \"id\" }",  // 5
    "outcomes = { created = 200 }",         // 6
    "[read]",                               // 7
    "method = \"GET\"",                     // 8
    "path = \"/e/{event_id}\"",             // 9
    "reply.available = \"left\"",           // 10
    "reply.total_tickets = \"all\"",        // 11
    "outcomes.found = 200",                 // 12
};

std::string with(std::size_t line, const std::string& instead) {
  std::string text;
  for (std::size_t i = 0; i < k_lines.size(); ++i)
    text += (i + 1 == line ? instead : k_lines[i]) + "\n";
  return text;
}

std::string refusal(const std::string& toml) {
  try {
    parse_adapter(toml, "mine.toml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
}

std::string filled(const load::Pattern& pattern) {
  std::string out;
  append(out, pattern, {7, 41, 2, 3, "a-b"});
  return out;
}

TEST(AdapterFile, TheDocumentedExampleLoads) {
  const load::Adapter api = parse_adapter(tests::documented_toml("adapters.md"), "docs");
  EXPECT_EQ(api.headers.before_token, "X-Api-Key: ");
  EXPECT_EQ(api.headers.before_request_id, "Idempotency-Key: ");
  const load::OperationShape& reserve = api.of(Function::reserve);
  EXPECT_EQ(reserve.method, load::Method::put);
  EXPECT_EQ(filled(reserve.path), "/shop/shows/7/orders/a-b");
  EXPECT_EQ(filled(reserve.body), R"({"buyer":{"number":3},"channel":"web","seats":2})");
  EXPECT_EQ(reserve.reply.available, (load::FieldPath{"show", "left"}));
  EXPECT_TRUE(reserve.reply.version.empty());
  EXPECT_EQ(reserve.meaning_of(202, "")->http, 201);
  EXPECT_EQ(reserve.meaning_of(403, "NO_SEATS")->code, "sold_out");
  EXPECT_EQ(reserve.meaning_of(403, "CLOSED")->code, "refused");
  EXPECT_EQ(reserve.meaning_of(403, "ELSE"), nullptr);
  EXPECT_EQ(reserve.meaning_of(503, "")->code, "overloaded");
  EXPECT_FALSE(api.one_hold_per_user);
  EXPECT_EQ(api.statuses.size(), 5U);
  EXPECT_EQ(filled(api.of(Function::purchase).body), R"({"state":"PAID"})");
}

TEST(AdapterFile, WhatIsLeftOutIsNotThere) {
  const load::Adapter api = parse_adapter(with(1, ""), "mine.toml");
  EXPECT_TRUE(api.headers.before_token.empty());
  EXPECT_TRUE(api.headers.before_request_id.empty());
  EXPECT_TRUE(api.code.empty());
  EXPECT_FALSE(api.of(Function::purchase).offered);
  EXPECT_FALSE(api.of(Function::cancel).offered);
  EXPECT_TRUE(api.of(Function::reserve).body.empty());
  EXPECT_TRUE(api.of(Function::reserve).reply.available.empty());
}

TEST(AdapterFile, TheUsersOwnHoldMakesItOneAUser) {
  const auto text = with(6, R"(outcomes = { created = 201, existing = 200 })");
  EXPECT_TRUE(parse_adapter(text, "mine.toml").one_hold_per_user);
}

TEST(AdapterFile, AnIdIsOfOneEventWhereItIsNamedWithoutIt) {
  const auto ids_per_event = [](const std::string& path) {
    const std::string cancel =
        "[cancel]\nmethod = \"DELETE\"\npath = \"" + path + "\"\noutcomes.cancelled = 200";
    return parse_adapter(with(12, k_lines[11] + "\n" + cancel), "mine.toml").ids_per_event();
  };
  EXPECT_FALSE(ids_per_event("/r/{reservation_id}"));
  EXPECT_TRUE(ids_per_event("/e/{event_id}/r/{reservation_id}"));
  EXPECT_TRUE(parse_adapter(with(1, ""), "mine.toml").ids_per_event()) << "nothing names one";
  EXPECT_FALSE(load::own_api().ids_per_event());
}

TEST(AdapterFile, BodiesKeepTheirTypes) {
  const auto body = [](const std::string& toml) {
    const auto api = parse_adapter(with(5, k_lines[4] + "\nbody = " + toml), "mine.toml");
    return filled(api.of(Function::reserve).body);
  };
  EXPECT_EQ(body(R"({ a = [1, 2.5, true, "x"], b = { c = "{event_id}" } })"),
            R"({"a":[1,2.5E0,true,"x"],"b":{"c":7}})");
  EXPECT_EQ(body(R"({ a = "{request_id}", b = "e{event_id}-{quantity}" })"),
            R"({"a":"a-b","b":"e7-2"})");
  EXPECT_EQ(body(R"({ 'quo"te' = "line\nend" })"), R"({"quo\"te":"line\nend"})");
}

TEST(AdapterFile, AMistakeIsOneLineWithFileLineKeyAndWhatToDo) {
  struct Mistake {
    std::size_t line;
    std::string instead, about;
  };
  for (const auto& [line, instead, about] : std::vector<Mistake>{
           {1, "code = 7", "'code' must be the dotted path"},
           {1, "code = \"a..b\"", "'code' has an empty name"},
           {1, "cod = \"why\"", "unknown key 'cod' (known: authorization"},
           {1, "authorization = \"Bearer {token}\"", "'authorization' must be a header with"},
           {1, "authorization = \"X-Api-Key: token\"", "X-Api-Key: {token}"},
           {1, "request_id = \"X-Id: \"", "'request_id' must be the bare name"},
           {1, "states = { reserved = 1 }", "'reserved' must be a text or a list"},
           {1, "states = { held = \"x\" }", "unknown key 'held'"},
           {1, "states = { reserved = \"HELD\", cancelled = [\"GONE\", \"HELD\"] }",
            "'cancelled' has 'HELD', which is there already"},
           {1, "states = ]", ""},
           {2, "[reserved]", "unknown key 'reserved'"},
           {3, "method = \"post\"", "'method' is 'post', must be one of: DELETE, GET"},
           {3, "method = 1", "'method' must be one of"},
           {4, "path = \"/e\"", "'path' lacks {event_id}"},
           {4, "path = \"e/{event_id}\"", "'path' must begin with a slash"},
           {4, "path = \"/e/{event}\"", "'path' has no such place: {event}"},
           {4, "path = [\"/e\"]", "'path' must be a path"},
           {5, "reply = { reservation = \"id\" }", "unknown key 'reservation'"},
           {5, "reply = { quantity = \"n\" }", "'reservation_id' is missing"},
           {5, "reply = { reservation_id = \"id\", seats = \"n\" }", "unknown key 'seats'"},
           {5, "reply = { reservation_id = 7 }", "'reservation_id' must be the dotted path"},
           {5, "reply = 7", "'reply' must be a table"},
           {6, "outcomes = { sold_out = 409 }", "'created' is missing"},
           {6, "outcomes = { created = 200, purchased = 201 }", "unknown key 'purchased'"},
           {6, "outcomes = { created = \"200\" }", "'created' must be a status from 200 to 599"},
           {6, "outcomes = { created = 99 }", "'created' must be a status from 200 to 599"},
           {6, "outcomes = { created = 200, refused = [400, 200] }", "status 200 twice"},
           {6, "outcomes = { created = { code = \"x\" } }", "'status' is missing"},
           {6, "outcomes = { created = { status = 200, code = [] } }", "'code' must be a text"},
           {6, "outcomes = { created = { status = 200, cod = 1 } }", "unknown key 'cod'"},
           {9, "path = \"/e/{reservation_id}\"", "'path' lacks {event_id}"},
           {12, "outcomes.found = 200\nreply.id = \"x\"", "unknown key 'id'"}}) {
    const std::string said = refusal(with(line, instead));
    const bool two_lines = instead.find('\n') != std::string::npos;
    EXPECT_THAT(said, HasSubstr("mine.toml: line " + std::to_string(line + two_lines) + ": "))
        << instead;
    EXPECT_THAT(said, HasSubstr(about)) << instead;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

TEST(AdapterFile, WhatIsMissingIsSaidAtItsTable) {
  EXPECT_THAT(refusal(""), HasSubstr("mine.toml: line 1: 'reserve' is missing"));
  EXPECT_THAT(refusal(with(3, "")), HasSubstr("mine.toml: line 2: 'method' is missing"));
  EXPECT_THAT(refusal(with(4, "")), HasSubstr("mine.toml: line 2: 'path' is missing"));
  EXPECT_THAT(refusal(with(5, "")), HasSubstr("mine.toml: line 2: 'reply' is missing"));
  EXPECT_THAT(refusal(with(6, "")), HasSubstr("mine.toml: line 2: 'outcomes' is missing"));
  EXPECT_THAT(refusal(with(10, "")), HasSubstr("'available' is missing"));
  EXPECT_THAT(refusal(with(11, "")), HasSubstr("'total_tickets' is missing"));
  const std::string cancel = "\n[cancel]\nmethod = \"DELETE\"\npath = \"/r\"\n";
  EXPECT_THAT(refusal(with(12, k_lines[11] + cancel)), HasSubstr("'path' lacks {reservation_id}"));
}

TEST(AdapterFile, ACodeNeedsAFieldThatHoldsIt) {
  std::string text = with(6, R"(outcomes = { created = { status = 200, code = "x" } })");
  EXPECT_EQ(refusal(text), "not refused");
  text.replace(0, k_lines[0].size(), "");
  EXPECT_THAT(refusal(text), HasSubstr("mine.toml: line 6: 'code' can never match"));
}

TEST(AdapterFile, VersionsAreInAllRepliesOrInNone) {
  const std::string said = refusal(with(12, "outcomes.found = 200\nreply.version = \"v\""));
  EXPECT_THAT(said, HasSubstr("'reserve' names no 'version' in its reply"));
  std::string text = with(12, "outcomes.found = 200\nreply.version = \"v\"");
  text.replace(text.find("\"id\" }"), 6, "\"id\", version = \"v\" }");
  EXPECT_EQ(refusal(text), "not refused");
}

TEST(AdapterFile, AFileThatIsNotThereIsSaid) {
  EXPECT_THROW(load_adapter("/nonexistent.toml"), UsageError);
  EXPECT_THROW(load_adapter("/"), UsageError);
  EXPECT_EQ(load_adapter("").code, load::own_api().code);
}

}  // namespace
}  // namespace boxoffice::harness
