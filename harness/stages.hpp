// Stages of an open loop as people write them: "100/s:10s", "100..500/s:20s"; on a command line
// several, commas between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/load/schedule.hpp"

namespace boxoffice::harness {

inline constexpr std::size_t k_stages_max = 50;

/// Throws UsageError that names the text and the form.
load::Stage parse_stage(std::string_view text);
/// Throws UsageError also where there are too many, or in none of them a request is due.
std::vector<load::Stage> parse_stages(std::string_view text);
void expect_requests(const std::vector<load::Stage>& stages);

/// "100..500/s"
std::string rate_text(const load::Stage& stage);

}  // namespace boxoffice::harness
