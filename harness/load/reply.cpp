// See reply.hpp. A field of the wrong type counts as absent: whether the reply still carries what
// it must is decided at the end, in one place.
#include "harness/load/reply.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <chrono>

#include "properties/names.hpp"

namespace boxoffice::load {
namespace {

namespace json = boost::json;
using properties::Function;

std::optional<std::int64_t> integer(const json::object& from, std::string_view name) {
  const json::value* value = from.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::string_view text(const json::object& from, std::string_view name) {
  const json::value* value = from.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

const json::object* object(const json::object& from, std::string_view name) {
  const json::value* value = from.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

void read_event(const json::object& event, properties::Output& out) {
  out.available = integer(event, "available_tickets");
  out.version = integer(event, "version");
}

void read_reservation(const json::object& reservation, properties::Output& out) {
  out.reservation_id = integer(reservation, "id");
  out.user_id = integer(reservation, "user_id");
  out.quantity = integer(reservation, "quantity");
  out.status = properties::reservation_status_named(text(reservation, "status"));
  out.expires_us = parse_utc_us(text(reservation, "expires_at"));
}

/// A number of exactly `digits` digits at the front of `text`, which is moved past it.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  const char* end = text.data() + digits;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// ".123456" in microseconds; no fraction at all is zero.
bool take_fraction(std::string_view& text, std::int64_t& fraction_us) {
  fraction_us = 0;
  if (!take(text, '.')) return true;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    if (digits < 6) fraction_us = fraction_us * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (int missing = digits; missing < 6; ++missing) fraction_us *= 10;
  return digits >= 1 && digits <= 9;
}

}  // namespace

std::optional<std::int64_t> parse_utc_us(std::string_view text) {
  int year{}, month{}, day{}, hour{}, minute{}, second{};
  std::int64_t fraction_us = 0;
  const bool read = take_number(text, 4, year) && take(text, '-') && take_number(text, 2, month) &&
                    take(text, '-') && take_number(text, 2, day) && take(text, 'T') &&
                    take_number(text, 2, hour) && take(text, ':') && take_number(text, 2, minute) &&
                    take(text, ':') && take_number(text, 2, second) &&
                    take_fraction(text, fraction_us) && take(text, 'Z') && text.empty();
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!read || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + fraction_us;
}

ReplyReader::ReplyReader() : memory_(std::make_unique<unsigned char[]>(k_memory_bytes)) {}

Reply ReplyReader::read(Function asked, int http, std::string_view body) {
  Reply reply;
  reply.out.http = http;
  json::monotonic_resource resource(memory_.get(), k_memory_bytes);
  boost::system::error_code error;
  parser_.reset(&resource);
  parser_.write(body.data(), body.size(), error);
  if (error) {
    parser_.reset();  // forgets what lies in `resource`
    return reply;
  }
  const json::value value = parser_.release();
  const json::object* root = value.if_object();
  if (root == nullptr) return reply;

  if (const json::object* event = object(*root, "event")) read_event(*event, reply.out);
  if (http >= 200 && http < 300) {
    if (const json::object* reservation = object(*root, "reservation")) {
      read_reservation(*reservation, reply.out);
    }
    reply.valid = asked == Function::read ? reply.out.available.has_value()
                                          : reply.out.reservation_id.has_value();
  } else {
    reply.code = text(*root, "code");
    reply.effect_none = text(*root, "effect") == "none";
    reply.valid = !reply.code.empty();
  }
  return reply;
}

}  // namespace boxoffice::load
