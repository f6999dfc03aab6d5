#include "tests/strategies/concurrent_search.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::tests {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int k_plan_size = 60;  // RapidCheck's measure of how large what it draws may be

std::string plan_text(const ConcurrentPlan& plan) {
  std::ostringstream out;
  out << plan << "\n";
  return out.str();
}

}  // namespace

PlanSearch::PlanSearch(PlanRunner& runner, const SearchBounds& bounds,
                       std::vector<std::string> invariants, std::filesystem::path kept)
    : runner_(runner), bounds_(bounds), invariants_(std::move(invariants)), kept_(std::move(kept)) {
  if (!kept_.empty()) std::filesystem::remove_all(kept_);  // of an earlier search
}

std::optional<FailingPlan> PlanSearch::find(std::uint64_t seed) {
  const auto plans = any_concurrent_plan();
  rc::Random random(seed);
  for (int i = 0; i < bounds_.plans; ++i) {
    auto failing = try_plan(plans(random.split(), k_plan_size).value());
    if (failing) return shrink(std::move(*failing));
  }
  return std::nullopt;
}

std::optional<FailingPlan> PlanSearch::try_plan(const ConcurrentPlan& plan) {
  std::optional<FailingPlan> failing;
  int left = bounds_.repeats;
  while (left-- > 0) {
    PlanRun run = runner_.run(plan);
    if (failing) ++failing->runs;
    const properties::Violation* violation = violation_in(run.verdict, invariants_);
    if (!violation) continue;
    keep(plan, run);
    if (failing) {
      ++failing->failed;
      continue;
    }
    failing = FailingPlan{plan, std::move(run), *violation, 1, 1};
    left = bounds_.repeats_after;
  }
  return failing;
}

FailingPlan PlanSearch::shrink(FailingPlan failing) {
  const auto give_up = Clock::now() + bounds_.shrinking;
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const ConcurrentPlan& plan : smaller_plans(failing.plan)) {
      if (Clock::now() > give_up) return failing;
      if (auto next = try_plan(plan)) {
        failing = std::move(*next);
        smaller = true;
        break;
      }
    }
  }
  return failing;
}

void PlanSearch::keep(const ConcurrentPlan& plan, const PlanRun& run) {
  if (kept_.empty()) return;
  const auto directory = kept_ / std::to_string(++kept_count_);
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "plan.txt") << plan_text(plan);
  std::string lines;
  properties::append_line(lines, run.history.header);
  for (const properties::Entry& entry : run.history.entries) properties::append_line(lines, entry);
  std::ofstream(directory / "history.jsonl") << lines;
  lines.clear();
  properties::append_audit(lines, run.audit);
  std::ofstream(directory / "audit.jsonl") << lines;
}

std::string text_of(const FailingPlan& failing) {
  return fmt::format("{}  failed {} of {} times; {}: {}\n{}", plan_text(failing.plan),
                     failing.failed, failing.runs, failing.violation.invariant,
                     failing.violation.message, text_of(failing.run.history));
}

}  // namespace boxoffice::tests
