// The mapping of another API: what is sent, and that a reply of another shape becomes what our API
// would have said, or nothing at all.
#include "harness/load/adapter.hpp"

#include <gtest/gtest.h>

#include "harness/load/classify.hpp"

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;
using properties::ReservationStatus;

std::string filled(const Pattern& pattern, const Values& values) {
  std::string out;
  append(out, pattern, values);
  return out;
}

OutcomeRule rule(Function f, int http, const char* code, std::string_view word) {
  return {http, code, meaning_named(f, word).value()};
}

/// Everything answers 200 or 400, and a number in the body says what happened.
Adapter numbered_api() {
  Adapter api = own_api();
  api.code = {"result", "number"};
  api.statuses = {{"HELD", ReservationStatus::reserved}, {"PAID", ReservationStatus::purchased}};
  OperationShape& reserve = api.of(Function::reserve);
  reserve.reply = {.reservation_id = parse_field_path("orders.0.no"),
                   .user_id = {},
                   .quantity = parse_field_path("orders.0.seats"),
                   .status = parse_field_path("orders.0.state"),
                   .expires_at = parse_field_path("orders.0.until"),
                   .available = {"left"},
                   .version = {},
                   .total_tickets = {}};
  reserve.outcomes = {
      rule(Function::reserve, 200, "1", "created"), rule(Function::reserve, 200, "2", "existing"),
      rule(Function::reserve, 400, "", "refused"), rule(Function::reserve, 400, "77", "sold_out")};
  OperationShape& cancel = api.of(Function::cancel);
  cancel.reply = {};
  cancel.outcomes = {rule(Function::cancel, 204, "", "cancelled"),
                     rule(Function::cancel, 404, "", "not_found"),
                     rule(Function::cancel, 503, "", "overloaded")};
  return api;
}

TEST(Adapter, AnOperationFillsThePlaces) {
  const Values values{7, 41, 2, 3, "a-b"};
  const Pattern all =
      parse_pattern("/e{event_id}/r{reservation_id}?q={quantity}&u={user_id}&i={request_id}#}");
  EXPECT_EQ(filled(all, values), "/e7/r41?q=2&u=3&i=a-b#}");
  EXPECT_TRUE(carries(all, Place::quantity));
  EXPECT_FALSE(carries(parse_pattern("/plain"), Place::event_id));
  EXPECT_EQ(filled(parse_pattern(""), values), "");
  for (const char* wrong : {"/{}", "/{event}", "/{event_id", "{"}) {
    EXPECT_THROW(parse_pattern(wrong), std::invalid_argument) << wrong;
  }
}

TEST(Adapter, ATextIsWrittenAsItsPlaceNeedsIt) {
  Values values{7, 41, 2, 3, "a-b"};
  values.event_text = "hall/a ?";
  values.reservation_text = "say \"x\"";
  EXPECT_EQ(filled(parse_pattern("/{event_id}/{quantity}"), values), "/hall%2Fa%20%3F/2");
  const Pattern body = {{"[", Place::reservation_id, Form::json_value},
                        {",\"r-", Place::reservation_id, Form::json_text},
                        {"\"]", Place::none, Form::json_value}};
  EXPECT_EQ(filled(body, values), R"(["say \"x\"","r-say \"x\""])");
}

TEST(Adapter, EachTextIsOneNumber) {
  TextIds ids;
  EXPECT_EQ(ids.number_of("b"), 1);
  EXPECT_EQ(ids.number_of("a"), 2);
  EXPECT_EQ(ids.number_of("b"), 1);
  EXPECT_EQ(ids.written(2).text, "a");
  EXPECT_EQ(ids.written(0).text, "");
  EXPECT_EQ(ids.written(3).text, "");
  EXPECT_EQ(ids.table(), "1\tb\n2\ta\n");
  const Adapter api = numbered_api();
  ReplyReader reader(api, &ids);
  const auto id = [&](const char* no) {
    const std::string body = R"({"result":{"number":1},"orders":[{"no":)" + std::string(no) + "}]}";
    return reader.read(Function::reserve, 200, body).out.reservation_id;
  };
  EXPECT_EQ(id("\"a\""), 2);
  EXPECT_EQ(id("\"c\""), 3);
  EXPECT_EQ(id("\"\""), std::nullopt);
}

// Some servers write one id both ways, and some have both kinds.
TEST(Adapter, ANumberAndTheTextThatSpellsItAreOneId) {
  TextIds ids;
  const Adapter api = numbered_api();
  ReplyReader reader(api, &ids);
  const auto id = [&](const char* no) {
    const std::string body = R"({"result":{"number":1},"orders":[{"no":)" + std::string(no) + "}]}";
    return reader.read(Function::reserve, 200, body).out.reservation_id;
  };
  const auto written = [&](std::int64_t number) {
    const auto as = ids.written(number);
    return filled({{"", Place::reservation_id, Form::json_value}},
                  {.reservation_id = as.number, .reservation_text = as.text});
  };
  EXPECT_EQ(id("\"17\""), 17);
  EXPECT_EQ(id("17"), 17);
  EXPECT_EQ(written(17), "\"17\"") << "as it was first met";
  EXPECT_EQ(id("18"), 18);
  EXPECT_EQ(written(18), "18");
  EXPECT_EQ(id("\"A-1\""), 1);
  const auto one = id("1");
  EXPECT_NE(one, 1) << "which is another's";
  EXPECT_EQ(written(one.value()), "1");
  EXPECT_EQ(id("2"), one == 2 ? id("2") : 2);
  EXPECT_NE(id("\"017\""), 17);
  EXPECT_EQ(id("9007199254740993"), 9007199254740993);
  EXPECT_EQ(ids.table().find("18\t"), std::string::npos) << "nothing to say of it";
}

TEST(Adapter, TheDefaultIsOurOwnApi) {
  const Adapter& api = own_api();
  const Values values{7, 41, 2, 3, "a-b"};
  const auto request = [&](Function f) {
    const OperationShape& shape = api.of(f);
    return filled(shape.path, values) + " " + filled(shape.body, values);
  };
  EXPECT_EQ(request(Function::reserve), R"(/api/events/7/reserve {"quantity":2})");
  EXPECT_EQ(request(Function::purchase), "/api/reservations/41/purchase ");
  EXPECT_EQ(request(Function::cancel), "/api/reservations/41 ");
  EXPECT_EQ(request(Function::read), "/api/events/7 ");
  EXPECT_EQ(api.of(Function::cancel).method, Method::del);
}

TEST(Adapter, FieldPaths) {
  EXPECT_EQ(parse_field_path("a.b.0"), (FieldPath{"a", "b", "0"}));
  for (const char* wrong : {"", ".", "a.", ".a", "a..b"}) {
    EXPECT_THROW(parse_field_path(wrong), std::invalid_argument) << wrong;
  }
}

TEST(Adapter, ASuccessOfAnotherShapeBecomesOurs) {
  const Adapter api = numbered_api();
  ReplyReader reader(api);
  const Reply reply =
      reader.read(Function::reserve, 200,
                  R"({"result":{"number":1},"left":9,"orders":[{"no":41,"seats":2,"state":"HELD",)"
                  R"("until":"1970-01-01T00:00:01Z"}]})");
  EXPECT_TRUE(reply.valid);
  EXPECT_EQ(reply.out.http, 201);
  EXPECT_EQ(reply.out.reservation_id, 41);
  EXPECT_EQ(reply.out.quantity, 2);
  EXPECT_EQ(reply.out.status, ReservationStatus::reserved);
  EXPECT_EQ(reply.out.available, 9);
  EXPECT_EQ(reply.out.expires_us, 1'000'000);
  EXPECT_FALSE(reply.out.version);
  EXPECT_EQ(classify(Function::reserve, {}, reply).outcome, Outcome::success);
  const Reply existing =
      reader.read(Function::reserve, 200, R"({"result":{"number":2},"orders":[{"no":41}]})");
  EXPECT_EQ(classify(Function::reserve, {}, existing).outcome, Outcome::existing);
}

TEST(Adapter, ASuccessWithoutItsReservationIsInDoubt) {
  const Adapter api = numbered_api();
  ReplyReader reader(api);
  for (const char* body : {R"({"result":{"number":1}})", R"({"result":{"number":1},"orders":[]})",
                           R"({"result":{"number":1},"orders":[{"no":"41"}]})",
                           R"({"result":{"number":1},"orders":{"no":41}})"}) {
    const Reply reply = reader.read(Function::reserve, 200, body);
    EXPECT_FALSE(reply.valid) << body;
    EXPECT_EQ(classify(Function::reserve, {}, reply).type, EntryType::info) << body;
  }
}

TEST(Adapter, TheCodeDecidesBeforeTheBareStatus) {
  const Adapter api = numbered_api();
  ReplyReader reader(api);
  const auto outcome = [&](Function f, int http, const char* body) {
    return classify(f, {}, reader.read(f, http, body));
  };
  const Classified sold_out =
      outcome(Function::reserve, 400, R"({"result":{"number":77},"left":0})");
  EXPECT_EQ(sold_out.outcome, Outcome::sold_out);
  EXPECT_EQ(sold_out.type, EntryType::fail);
  EXPECT_EQ(sold_out.error.code, "sold_out");
  EXPECT_EQ(outcome(Function::reserve, 400, "<html>").outcome, Outcome::refused);
  EXPECT_EQ(outcome(Function::cancel, 204, "").outcome, Outcome::success);
  EXPECT_EQ(outcome(Function::cancel, 404, "").error.http, 404);
  EXPECT_EQ(outcome(Function::cancel, 503, "").outcome, Outcome::overload);
}

TEST(Adapter, WhatIsNotMappedIsInDoubt) {
  const Adapter api = numbered_api();
  ReplyReader reader(api);
  for (const auto& [http, body] : {std::pair{200, R"({"result":{"number":3},"orders":[{"no":1}]})"},
                                   std::pair{201, R"({"result":{"number":1}})"},
                                   std::pair{409, R"({"code":"sold_out","effect":"none"})"}}) {
    const Reply reply = reader.read(Function::reserve, http, body);
    EXPECT_FALSE(reply.known) << http;
    const Classified classified = classify(Function::reserve, {}, reply);
    EXPECT_EQ(classified.type, EntryType::info) << http;
    EXPECT_EQ(classified.error.code, "unmapped_reply");
    EXPECT_EQ(classified.error.http, http);
  }
}

// Whatever a word claims, the table has to agree: a success is ok, all else is a certain failure.
TEST(Adapter, EveryWordMeansSomethingInTheTable) {
  for (const Function f :
       {Function::reserve, Function::purchase, Function::cancel, Function::read}) {
    bool first = true;
    for (const std::string_view word : outcome_words(f)) {
      Adapter api = own_api();
      api.of(f).reply = own_api().of(f).reply;
      api.of(f).outcomes = {rule(f, 299, "", word)};
      ReplyReader reader(api);
      const auto classified = classify(
          f, {},
          reader.read(f, 299,
                      R"({"reservation":{"id":41},"event":{"id":7,"available_tickets":9}})"));
      const bool success = first || word == "existing";
      EXPECT_EQ(classified.type, success ? EntryType::ok : EntryType::fail) << word;
      first = false;
    }
  }
  EXPECT_FALSE(meaning_named(Function::read, "sold_out"));
  EXPECT_FALSE(meaning_named(Function::reserve, "purchased"));
}

}  // namespace
}  // namespace boxoffice::load
