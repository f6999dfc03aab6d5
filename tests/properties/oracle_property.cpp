// The oracle against simulated runs: a correct one passes, any single corruption of it does not.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "corruptions.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/operations.hpp"
#include "properties/verdict.hpp"
#include "simulator.hpp"

namespace rc {

template <>
struct Arbitrary<boxoffice::properties::simulation::Plan> {
  static Gen<boxoffice::properties::simulation::Plan> arbitrary() {
    using boxoffice::properties::simulation::Plan;
    return gen::build<Plan>(
        gen::set(&Plan::seed), gen::set(&Plan::events, gen::inRange(1, 4)),
        gen::set(&Plan::clients, gen::inRange(1, 9)), gen::set(&Plan::users, gen::inRange(1, 8)),
        gen::set(&Plan::operations, gen::inRange(1, 200)),
        gen::set(&Plan::tickets, gen::inRange(1, 15)),
        gen::set(&Plan::quantity_max, gen::inRange(1, 4)),
        gen::set(&Plan::hold_us, gen::inRange(5, 120)),
        gen::set(&Plan::lost_percent, gen::element(0, 5, 30)), gen::set(&Plan::earlier_rows));
  }
};

}  // namespace rc

namespace boxoffice::properties {
namespace {

using simulation::Plan;
using simulation::simulate;
using simulation::Simulated;

void show(const Verdict& verdict) {
  for (const Violation& violation : verdict.violations) {
    RC_LOG() << violation.invariant << ": " << violation.message << std::endl;
  }
  for (const Check& check : verdict.checks) {
    if (!check.note.empty()) RC_LOG() << check.invariant << " note: " << check.note << std::endl;
  }
}

/// How many runs a property must see; RapidCheck's default of 100 is for slower ones.
constexpr int k_runs = 3000;
constexpr int k_runs_per_corruption = 600;

/// Runs of every size from the first case on: RapidCheck would grow them with the case's number.
Plan any_plan() {
  return *rc::gen::resize(100, rc::gen::arbitrary<Plan>());
}

template <class Property>
void hold_for_all_plans(const char* what, int runs, Property&& property) {
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = what;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, runs);
  const auto result = rc::detail::checkTestable(property, metadata, params);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream out;
  rc::detail::printResultMessage(result, out);
  FAIL() << what << ": " << out.str();
}

/// Whether anything was reserved, purchased or cancelled. Where buyers find everything sold before
/// they come, a run of twenty attempts is of nothing (evidence.hpp), however correct it is.
bool changed_something(const Simulated& run) {
  return std::ranges::any_of(run.history.entries, [](const Entry& entry) {
    const bool changes =
        entry.f == Function::reserve ? entry.out.http == 201 : entry.f != Function::read;
    return entry.type == EntryType::ok && changes;
  });
}

/// A pass, unless no reply said anything: a short run may be of nothing but 404 and lost replies.
bool as_it_should(const Simulated& run, Outcome outcome, Outcome instead) {
  const bool said =
      std::any_of(run.history.entries.begin(), run.history.entries.end(), [](const Entry& entry) {
        return entry.type == EntryType::ok || entry.error.http == 409 || entry.error.http == 410;
      });
  if (!said) return outcome == Outcome::invalid;
  if (!changed_something(run) && outcome == Outcome::invalid) return true;
  return outcome == Outcome::pass || outcome == instead;
}

TEST(Oracle, ACorrectRunPasses) {
  hold_for_all_plans("a correct run passes", k_runs, [] {
    const Simulated run = simulate(any_plan());
    const Verdict verdict = judge(run.history, run.audit);
    show(verdict);
    RC_ASSERT(as_it_should(run, verdict.outcome, Outcome::pass));
    RC_ASSERT(verdict.violations_total == 0);
  });
}

TEST(Oracle, WithoutTheDatabaseACorrectRunIsNeverAViolation) {
  hold_for_all_plans("a correct run without its audit", k_runs, [] {
    const Simulated run = simulate(any_plan());
    const Verdict verdict = judge(run.history, std::nullopt);
    show(verdict);
    RC_ASSERT(verdict.violations_total == 0);
    RC_ASSERT(as_it_should(run, verdict.outcome, Outcome::unknown));
  });
}

/// As an adapter would record a server that counts no versions.
void forget_versions(Simulated& run) {
  run.history.header.versions = false;
  for (Entry& entry : run.history.entries) entry.out.version.reset();
}

bool has_earlier_rows(const Simulated& run) {
  return std::ranges::any_of(run.history.header.events,
                             [](const EventCapacity& event) { return event.version > 0; });
}

TEST(Oracle, WithoutVersionsACorrectRunPassesByItsOrder) {
  hold_for_all_plans("a correct run without versions", k_runs, [] {
    Simulated run = simulate(any_plan());
    if (has_earlier_rows(run)) return;  // which cannot be told from the run's own then
    forget_versions(run);
    const Verdict verdict = judge(run.history, run.audit);
    show(verdict);
    RC_ASSERT(as_it_should(run, verdict.outcome, Outcome::pass));
  });
}

TEST(Oracle, WithoutVersionsAndDatabaseACorrectRunIsNeverAViolation) {
  hold_for_all_plans("a correct run without versions and audit", k_runs, [] {
    Simulated run = simulate(any_plan());
    forget_versions(run);
    JudgeOptions options;
    options.search.steps_max = 100'000;
    const Verdict verdict = judge(run.history, std::nullopt, options);
    show(verdict);
    RC_ASSERT(verdict.violations_total == 0);
    RC_ASSERT(as_it_should(run, verdict.outcome, Outcome::unknown));
  });
}

TEST(Oracle, ARunWithOperationsThatWereNeverCompletedIsInvalidButNoViolation) {
  int invalid = 0;
  hold_for_all_plans("a correct run, not recorded to its end", k_runs / 3, [&] {
    Plan plan = any_plan();
    plan.unfinished = true;
    const Simulated run = simulate(plan);
    const Verdict verdict = judge(run.history, run.audit);
    show(verdict);
    RC_ASSERT(verdict.violations_total == 0);
    const bool whole = pair_entries(run.history).unfinished == 0;
    const bool right = whole ? as_it_should(run, verdict.outcome, Outcome::pass)
                             : verdict.outcome == Outcome::invalid;
    RC_ASSERT(right);
    invalid += !whole;
  });
  EXPECT_GT(invalid, k_runs / 30);
}

TEST(Oracle, ARunThatWasCutOffIsNeverAViolation) {
  hold_for_all_plans("a history whose harness died", k_runs, [] {
    Simulated run = simulate(any_plan());
    auto& entries = run.history.entries;
    entries.resize(*rc::gen::inRange<std::size_t>(0, entries.size() + 1));
    const Verdict verdict = judge(run.history, std::nullopt);
    show(verdict);
    RC_ASSERT(verdict.violations_total == 0);
  });
}

/// As a recorder leaves it that writes each process's entries in batches, in any order.
TEST(Oracle, TheStoredFormIsTheSameHistoryInWhateverOrderItsLanesWereWritten) {
  hold_for_all_plans("writing and reading a history", k_runs / 3, [] {
    const Simulated run = simulate(any_plan());
    std::vector<Entry> lanes = run.history.entries;
    const auto lane_count = *rc::gen::inRange<std::int64_t>(1, 5);
    std::stable_sort(lanes.begin(), lanes.end(), [&](const Entry& a, const Entry& b) {
      return a.process % lane_count > b.process % lane_count;
    });
    std::string text;
    append_line(text, run.history.header);
    for (const Entry& entry : lanes) append_line(text, entry);
    const auto read = read_history(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(!read->truncated);
    RC_ASSERT(read->history.header == run.history.header);
    RC_ASSERT(read->history.entries == run.history.entries);
    RC_ASSERT(judge({run.history.header, lanes}, run.audit) == judge(run.history, run.audit));
    std::string rows;
    append_audit(rows, run.audit);
    const auto audit = read_audit(rows);
    RC_ASSERT(audit.has_value());
    RC_ASSERT(audit->events == run.audit.events);
    RC_ASSERT(audit->reservations == run.audit.reservations);
    RC_ASSERT(audit->trail == run.audit.trail);
  });
}

/// Replies and rows are judged without a trail: it would see a changed row before they do.
enum class WithTrail { no, yes };

void reject_all(std::span<const simulation::Corruption> corruptions,
                WithTrail wanted_trail = WithTrail::no) {
  for (const simulation::Corruption& corruption : corruptions) {
    int applied = 0;
    hold_for_all_plans(corruption.name, k_runs_per_corruption, [&] {
      const Plan plan = any_plan();
      Simulated run = simulate(plan);
      std::mt19937_64 random(plan.seed);
      if (wanted_trail == WithTrail::no) run.audit.trail.reset();
      if (wanted_trail == WithTrail::yes && !run.audit.trail) return;
      if (!corruption.apply(run, random)) return;
      ++applied;
      const Verdict verdict = judge(run.history, run.audit);
      RC_ASSERT(verdict.outcome == Outcome::violation);
      RC_ASSERT(!verdict.violations.empty());
    });
    EXPECT_GT(applied, k_runs_per_corruption / 20) << corruption.name << " is hardly ever possible";
  }
}

TEST(Oracle, AnySingleCorruptionOfTheRepliesIsRejected) {
  reject_all(simulation::reply_corruptions());
}

TEST(Oracle, AnySingleCorruptionOfTheRowsIsRejected) {
  reject_all(simulation::row_corruptions());
}

/// By D2: the clients and the rows know nothing of it.
TEST(Oracle, AnySingleCorruptionOfTheTrailIsRejected) {
  reject_all(simulation::trail_corruptions(), WithTrail::yes);
}

}  // namespace
}  // namespace boxoffice::properties
