// Words that people type: durations like 30s, numbers like 10k. The server has its own reading of
// them, on purpose: harness and server share no code, so that no mistake is made on both sides.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace boxoffice::harness {

using Duration = std::chrono::nanoseconds;

/// "250ms", "30s", "1.5m", "2h", "100us"; a bare number is seconds. Throws UsageError that names
/// the text.
Duration parse_duration(std::string_view text);
/// "10k", "2M", "1500"; whole, not negative. Throws UsageError.
std::int64_t parse_count(std::string_view text);
/// "250", "0.5", "10k"; not negative. Throws UsageError.
double parse_rate(std::string_view text);
/// "5%", "0.05"; not negative. Throws UsageError.
double parse_share(std::string_view text);
/// "250ms", "1.5s": the shortest that reads back the same.
std::string duration_text(Duration duration);
double seconds(Duration duration);
std::chrono::milliseconds milliseconds(Duration duration);

}  // namespace boxoffice::harness
