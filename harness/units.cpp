// See units.hpp.
#include "harness/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array<Unit, 7> k_duration_units = {
    {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 4> k_count_units = {{{"", 1}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}}};

template <std::size_t N>
double parse(std::string_view text, const std::array<Unit, N>& units, const char* form) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && std::isfinite(number) && number >= 0) {
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& unit : units) {
      if (suffix == unit.name && number * unit.factor < 9e18) return number * unit.factor;
    }
  }
  throw UsageError(fmt::format("'{}' is not {}", text, form));
}

}  // namespace

Duration parse_duration(std::string_view text) {
  return Duration(
      std::llround(parse(text, k_duration_units, "a duration such as 200ms, 30s or 5m")));
}

double parse_share(std::string_view text) {
  constexpr std::array<Unit, 2> k_share_units = {{{"", 1}, {"%", 0.01}}};
  return parse(text, k_share_units, "a share such as 5% or 0.05");
}

std::int64_t parse_count(std::string_view text) {
  const double count = parse(text, k_count_units, "a whole number such as 64, 10k or 2M");
  if (count != std::floor(count))
    throw UsageError(fmt::format("'{}' is not a whole number such as 64, 10k or 2M", text));
  return static_cast<std::int64_t>(count);
}

double parse_rate(std::string_view text) {
  return parse(text, k_count_units, "a rate such as 250, 0.5 or 10k");
}

std::string duration_text(Duration duration) {
  const double s = seconds(duration);
  if (s >= 1 || duration.count() == 0) return fmt::format("{}s", s);
  if (duration.count() % 1000 != 0) return fmt::format("{}ns", duration.count());
  if (duration.count() % 1'000'000 != 0) return fmt::format("{}us", duration.count() / 1000);
  return fmt::format("{}ms", duration.count() / 1'000'000);
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

}  // namespace boxoffice::harness
