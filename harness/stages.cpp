// See stages.hpp.
#include "harness/stages.hpp"

#include <fmt/format.h>

#include "harness/failure.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw UsageError(
      fmt::format("'{}' is no stage such as 100/s:10s or 100..500/s:20s (rate, length)", text));
}

std::string_view without_spaces_around(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

load::Stage parse_stage(std::string_view text) {
  text = without_spaces_around(text);
  const auto mark = text.find("/s:");
  if (mark == text.npos) refuse(text);
  const std::string_view rates = text.substr(0, mark);
  const auto dots = rates.find("..");
  load::Stage stage;
  try {
    stage.from_per_s = parse_rate(rates.substr(0, dots));
    stage.to_per_s = dots == rates.npos ? stage.from_per_s : parse_rate(rates.substr(dots + 2));
    stage.duration = parse_duration(text.substr(mark + 3));
  } catch (const UsageError&) {
    refuse(text);
  }
  if (stage.duration.count() <= 0) refuse(text);
  return stage;
}

std::vector<load::Stage> parse_stages(std::string_view text) {
  std::vector<load::Stage> stages;
  for (;;) {
    const auto comma = text.find(',');
    stages.push_back(parse_stage(text.substr(0, comma)));
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  expect_requests(stages);
  return stages;
}

void expect_requests(const std::vector<load::Stage>& stages) {
  if (stages.size() > k_stages_max)
    throw UsageError(fmt::format("{} stages are more than {}", stages.size(), k_stages_max));
  if (stages.empty() || load::mean_rate_per_s(stages) <= 0)
    throw UsageError("stages in which no request is due");
}

std::string rate_text(const load::Stage& stage) {
  if (stage.from_per_s == stage.to_per_s) return fmt::format("{:g}/s", stage.to_per_s);
  return fmt::format("{:g}..{:g}/s", stage.from_per_s, stage.to_per_s);
}

}  // namespace boxoffice::harness
