// Hand-written rather than std::from_chars with a suffix table in each caller: one place decides
// what a number looks like, and overflow is an answer ("nothing") instead of a wrap.
#include "server/units.hpp"

#include <array>
#include <limits>

namespace boxoffice::server {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
constexpr std::array<Unit, 6> k_units{{{"d", 86'400'000'000},
                                       {"h", 3'600'000'000},
                                       {"m", 60'000'000},
                                       {"s", 1'000'000},
                                       {"ms", 1'000},
                                       {"us", 1}}};

std::optional<std::int64_t> multiply(std::int64_t number, std::int64_t factor) {
  if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return number * factor;
}

std::size_t digits_in_front(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

}  // namespace

std::optional<std::int64_t> parse_digits(std::string_view text) {
  if (text.empty() || digits_in_front(text) != text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : text) {
    const auto tenfold = multiply(value, 10);
    const std::int64_t units = digit - '0';
    if (!tenfold || *tenfold > std::numeric_limits<std::int64_t>::max() - units) {
      return std::nullopt;
    }
    value = *tenfold + units;
  }
  return value;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto length = digits_in_front(text);
  const auto number = parse_digits(text.substr(0, length));
  if (!number) return std::nullopt;
  const auto name = text.substr(length);
  if (name.empty() && *number == 0) return Duration{0};
  for (const auto& unit : k_units) {
    if (unit.name != name) continue;
    const auto value = multiply(*number, unit.microseconds);
    if (!value) return std::nullopt;
    return Duration{*value};
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t factor = 1;
  if (!text.empty() && text.back() == 'k') factor = 1'000;
  if (!text.empty() && text.back() == 'M') factor = 1'000'000;
  if (factor != 1) text.remove_suffix(1);
  const auto number = parse_digits(text);
  if (!number) return std::nullopt;
  return multiply(*number, factor);
}

std::string to_text(Duration duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& unit : k_units) {
    if (duration.count() % unit.microseconds != 0) continue;
    return std::to_string(duration.count() / unit.microseconds) + std::string(unit.name);
  }
  return std::to_string(duration.count()) + "us";
}

}  // namespace boxoffice::server
