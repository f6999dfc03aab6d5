// Durations and counts as people write them in flags and environment: `200ms`, `30s`, `5m`, `10k`.
//
// A bare number of seconds is refused on purpose: `--hold 5` would leave open whether five seconds
// or five minutes was meant, and a hold that is wrong by a factor of sixty is not noticed soon.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::server {

using Duration = std::chrono::microseconds;

/// A whole number and one of us, ms, s, m, h, d; `0` alone is zero. Nothing where the text is
/// another, is negative or does not fit.
std::optional<Duration> parse_duration(std::string_view text);

/// A whole number, with `k` (thousand) or `M` (million) behind it where wanted.
std::optional<std::int64_t> parse_count(std::string_view text);

/// The whole text as a number of decimal digits in 0..2^63-1: no sign, no blank.
std::optional<std::int64_t> parse_digits(std::string_view text);

/// The shortest of the forms above that says exactly this duration.
std::string to_text(Duration duration);

}  // namespace boxoffice::server
