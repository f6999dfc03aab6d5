// See time_text.hpp. By hand: this library's std::chrono cannot parse yet, and strptime knows
// neither fractions nor offsets.
#include "server/time_text.hpp"

#include "server/units.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono;

/// Takes what it reads from the front of a text; `good` becomes false at the first mistake.
struct Cursor {
  std::string_view text;
  bool good = true;

  int digits(std::size_t count) {
    const auto value = text.size() < count ? std::nullopt : parse_digits(text.substr(0, count));
    good = good && value.has_value();
    if (good) text.remove_prefix(count);
    return good ? static_cast<int>(*value) : 0;
  }
  bool take(char c, char other) {
    if (!good || text.empty() || (text.front() != c && text.front() != other)) return false;
    text.remove_prefix(1);
    return true;
  }
  void need(char c, char other) { good = take(c, other); }
};

microseconds fraction(Cursor& cursor) {
  if (!cursor.take('.', '.')) return microseconds(0);
  int value = 0, count = 0;
  while (count < 6 && !cursor.text.empty() && parse_digits(cursor.text.substr(0, 1))) {
    value = value * 10 + cursor.digits(1);
    ++count;
  }
  cursor.good = cursor.good && count > 0;
  for (; count < 6; ++count) value *= 10;
  while (!cursor.text.empty() && parse_digits(cursor.text.substr(0, 1))) cursor.digits(1);
  return microseconds(value);
}

minutes offset(Cursor& cursor) {
  if (cursor.take('Z', 'z')) return minutes(0);
  const bool west = !cursor.text.empty() && cursor.text.front() == '-';
  cursor.need('+', '-');
  const int hours_part = cursor.digits(2);
  cursor.need(':', ':');
  const int minutes_part = cursor.digits(2);
  cursor.good = cursor.good && hours_part < 24 && minutes_part < 60;
  const minutes east = hours(hours_part) + minutes(minutes_part);
  return west ? -east : east;
}

}  // namespace

std::optional<strategies::Timestamp> parse_time(std::string_view text) {
  Cursor cursor{text};
  const year y{cursor.digits(4)};
  cursor.need('-', '-');
  const month m{static_cast<unsigned>(cursor.digits(2))};
  cursor.need('-', '-');
  const day d{static_cast<unsigned>(cursor.digits(2))};
  cursor.need('T', 't');
  const int h = cursor.digits(2);
  cursor.need(':', ':');
  const int min = cursor.digits(2);
  cursor.need(':', ':');
  const int s = cursor.digits(2);
  const auto below_a_second = fraction(cursor);
  const auto east = offset(cursor);
  const year_month_day date{y, m, d};
  const bool in_range = y >= year(1000) && y <= year(9998) && h < 24 && min < 60 && s < 60;
  if (!cursor.good || !cursor.text.empty() || !date.ok() || !in_range) return std::nullopt;
  return sys_days(date) + hours(h) + minutes(min) + seconds(s) + below_a_second - east;
}

}  // namespace boxoffice::server
