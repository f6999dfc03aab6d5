#include "server/codec.hpp"

#include <gtest/gtest.h>

#include "server/json_writer.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;
using namespace std::chrono;

s::Timestamp at(year_month_day day, microseconds time_of_day) {
  return time_point_cast<microseconds>(sys_days{day}) + time_of_day;
}

s::Reservation a_hold() {
  s::Reservation hold;
  hold.id = {7};
  hold.event_id = {3};
  hold.user_id = {12};
  hold.quantity = 2;
  hold.expires_at = at(2026y / January / 31, 12h + 5min + 6s + 7us);
  hold.event_version = {41};
  hold.created_at = at(2026y / January / 31, 12h + 6s + 7us);
  return hold;
}

TEST(Codec, AHoldWithItsEvent) {
  std::string text;
  write_reservation(text, a_hold(), {{3}, 98, {41}});
  EXPECT_EQ(text,
            R"({"reservation":{"id":7,"event_id":3,"user_id":12,"quantity":2,"status":"reserved",)"
            R"("expires_at":"2026-01-31T12:05:06.000007Z","purchased_at":null,"event_version":41,)"
            R"("created_at":"2026-01-31T12:00:06.000007Z"},)"
            R"("event":{"id":3,"available_tickets":98,"version":41}})");
}

TEST(Codec, APurchaseHasItsTime) {
  auto purchase = a_hold();
  purchase.status = s::Status::purchased;
  purchase.purchased_at = at(2026y / February / 1, 0us);
  std::string text;
  write_reservation(text, purchase);
  EXPECT_NE(text.find(R"("status":"purchased")"), std::string::npos);
  EXPECT_NE(text.find(R"("purchased_at":"2026-02-01T00:00:00.000000Z")"), std::string::npos);
  EXPECT_EQ(text.find(R"("event":{)"), std::string::npos);
}

TEST(Codec, AListingHasItsFrame) {
  std::string text;
  write_reservations(text, {{}, 0}, {3, 20});
  EXPECT_EQ(text, R"({"data":[],"page":3,"per_page":20,"total":0})");
  text.clear();
  s::Event event;
  event.name = "Tom \"Q\" \\ \n \x01 Z\xc3\xbcrich";
  write_events(text, {{event, event}, 2}, {1, 2});
  EXPECT_NE(text.find(R"("name":"Tom \"Q\" \\ \u000a \u0001 Z)"
                      "\xc3\xbcrich\""),
            std::string::npos);
  EXPECT_NE(text.find("},{"), std::string::npos);
}

TEST(JsonWriter, TimesBeforeTheEpochAndTheExtremesOfNumbers) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.field("time", at(1969y / December / 31, 23h + 59min + 59s + 999999us));
  json.field("least", std::numeric_limits<std::int64_t>::min());
  json.flag("on", true);
  json.number("ms", 1.5);
  json.end_object();
  EXPECT_EQ(text, R"({"time":"1969-12-31T23:59:59.999999Z","least":-9223372036854775808,)"
                  R"("on":true,"ms":1.500})");
}

}  // namespace
}  // namespace boxoffice::server
