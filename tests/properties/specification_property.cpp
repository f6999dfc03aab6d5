// The judge against the specification: judge() calls no run a violation that has an execution, and
// passes none that has not.
//
// Runs are drawn small, so that most of what can go wrong is near what can go right, and their
// executions can all be tried: correct ones, ones with one corruption (corruptions.hpp), and ones
// that are scrambled blindly up to three times; of half of them replies get lost, too. Each is
// judged in one of four ways: with the rows or by the replies alone, with versions or without. What
// the judge leaves undecided is not compared. Nothing of the judge is in the specification, so that
// what the invariants forget together shows here.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <sstream>

#include "corruption_parts.hpp"
#include "corruptions.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/operations.hpp"
#include "properties/verdict.hpp"
#include "simulator.hpp"
#include "specification.hpp"

namespace boxoffice::properties {
namespace {

using simulation::Corruption;
using simulation::Pair;
using simulation::Plan;
using simulation::Random;
using simulation::Simulated;
using specification::has_execution;
using specification::Reading;

constexpr int k_runs = 40'000;
constexpr std::size_t k_operations_max = 10;
constexpr std::int64_t k_tries_max = 100'000;

/// What the judge is given beside the replies.
struct Given {
  bool rows = false;
  bool versions = false;
};

Plan small_plan(const Given& given) {
  const auto below = [](int low, int high) { return *rc::gen::inRange(low, high); };
  Plan plan;
  plan.seed = *rc::gen::resize(100, rc::gen::arbitrary<std::uint32_t>());
  plan.events = 1;
  plan.clients = below(1, 7);
  plan.users = below(1, 4);
  plan.operations = below(2, 11);
  plan.tickets = below(1, 5);
  plan.quantity_max = below(1, 3);
  plan.hold_us = below(0, 3) == 0 ? 1000 : below(4, 34);  // no hold ends, or most do
  plan.lost_percent = *rc::gen::element(0, 10, 40);
  // Whose they are, and when they were made, only rows with versions tell.
  plan.earlier_rows = given.rows && given.versions && below(0, 3) == 0;
  return plan;
}

/// A quarter is left correct, a quarter corrupted, half scrambled. Says what it did in `what`.
void damage(Simulated& run, const Given& given, Random& random, std::string& what) {
  const auto of_replies = simulation::reply_corruptions(), of_rows = simulation::row_corruptions();
  std::vector<Corruption> corruptions(of_replies.begin(), of_replies.end());
  if (given.rows) corruptions.insert(corruptions.end(), of_rows.begin(), of_rows.end());
  const auto kind = random() % 4;
  const auto times = kind < 2 ? kind : 1 + random() % 3;
  for (std::size_t i = 0; i < times; ++i) {
    const auto all = kind == 1 ? std::span<const Corruption>(corruptions) : simulation::scrambles();
    const Corruption& one = all[random() % all.size()];
    if (one.apply(run, random)) what.append(one.name).append(" ");
  }
}

/// As from clients that time out: of some changes nobody hears whether they happened, and beside
/// others the user sent a purchase or cancel that nobody hears of either.
void lose_replies(Simulated& run, Random& random) {
  std::vector<Entry> sent_beside;
  std::int64_t next = 3'000'000;
  const bool reserves_too = random() % 2 == 0;
  for (const Pair& pair : simulation::pairs(run)) {
    if (!pair.call || !pair.reply || pair.reply->f == Function::read) continue;
    const bool reserves = pair.reply->f == Function::reserve;
    const auto kind = random() % 4;
    if (kind < 2 || (reserves && !reserves_too)) continue;
    Entry call = *pair.call, lost = *pair.reply;
    call.process = lost.process = next++;
    lost.type = EntryType::info;
    lost.out = {};
    lost.error = {"timeout", 0, "receive"};
    if (kind == 2 || reserves) {
      *pair.call = call;
      *pair.reply = lost;
      continue;
    }
    call.index = next++;
    lost.index = next++;
    call.f = lost.f = random() % 2 == 0 ? Function::purchase : Function::cancel;
    sent_beside.push_back(call);
    sent_beside.push_back(lost);
  }
  auto& entries = run.history.entries;
  entries.insert(entries.end(), sent_beside.begin(), sent_beside.end());
}

/// Replies that come late, by up to a hold's time or two: how long a hold lasts is then known less
/// well. Each to a process of its own, so that every other stays sequential.
void delay_replies(Simulated& run, Random& random) {
  const auto most_ns = static_cast<std::uint64_t>(2'000 * run.history.header.hold_us);
  std::int64_t next = 4'000'000;
  for (const Pair& pair : simulation::pairs(run)) {
    if (!pair.call || !pair.reply || random() % 3 > 0) continue;
    pair.reply->t_ns += static_cast<std::int64_t>(random() % most_ns);
    pair.call->process = pair.reply->process = next++;
  }
}

/// So that more orders are possible: some servers tell little.
void tell_less(Simulated& run, Random& random) {
  const bool numbers = random() % 2 == 0, statuses = random() % 2 == 0;
  for (Entry& entry : run.history.entries) {
    if (!numbers && entry.f != Function::read) entry.out.available.reset();
    if (!statuses && entry.f == Function::reserve) entry.out.status.reset();
  }
}

/// What the specification does not speak of is left out, or made to fit: when a reply or a row says
/// that a hold ends (X1, D3), and what a refusal says of a reservation beside its code (X4, X7).
void keep_to_the_specification(Simulated& run, const Given& given) {
  run.history.header.versions = given.versions;
  for (Entry& entry : run.history.entries) {
    Output& out = entry.out;
    out.expires_us.reset();
    if (!given.versions) out.version.reset();
    if (entry.type == EntryType::fail) {
      Output numbers;
      numbers.http = out.http;
      numbers.available = out.available;
      numbers.version = out.version;
      out = numbers;
    }
  }
  for (AuditedReservation& row : run.audit.reservations) {
    const bool purchased = row.status == ReservationStatus::purchased;
    row.created_us = 1'000'001;
    row.expires_us = row.updated_us = row.created_us + run.history.header.hold_us;
    row.purchased_us = purchased ? std::optional(row.expires_us - 1) : std::nullopt;
    if (purchased || row.status == ReservationStatus::reserved) row.closed_event_version.reset();
  }
  if (given.versions) return;
  for (AuditedEvent& event : run.audit.events) event.get_version.reset();
}

Simulated any_run(const Given& given, std::string& what) {
  const Plan plan = small_plan(given);
  Simulated run = simulate(plan);
  Random random(plan.seed);
  run.audit.trail.reset();  // D2 compares it with the rows: no execution is in doubt
  damage(run, given, random, what);
  if (random() % 2 == 0) lose_replies(run, random);
  if (random() % 3 == 0) delay_replies(run, random);
  tell_less(run, random);
  keep_to_the_specification(run, given);
  std::stable_sort(run.history.entries.begin(), run.history.entries.end(),
                   [](const Entry& a, const Entry& b) { return a.t_ns < b.t_ns; });
  return run;
}

std::string text_of(const Simulated& run, const Verdict& verdict) {
  std::string text;
  for (const Violation& violation : verdict.violations) {
    text += violation.invariant + ": " + violation.message + "\n";
  }
  append_line(text, run.history.header);
  for (const Entry& entry : run.history.entries) append_line(text, entry);
  append_audit(text, run.audit);
  return text;
}

struct Counts {
  int passed = 0;
  int rejected = 0;
  int undecided = 0;  ///< by the judge
  int too_large = 0;  ///< to try all executions
  int malformed = 0;  ///< by a scramble: no history any more

  int compared() const { return passed + rejected; }
};

void compare_one(const Given& given, Counts& counts) {
  std::string what;
  const Simulated run = any_run(given, what);
  const PairedHistory paired = pair_entries(run.history);
  if (!paired.faults.empty() || paired.operations.size() > k_operations_max) {
    (paired.faults.empty() ? counts.too_large : counts.malformed) += 1;
    return;
  }
  const Audit* audit = given.rows ? &run.audit : nullptr;
  JudgeOptions options;
  // Where there are rows and versions, H5 is to need no search beside it.
  const bool alone = given.rows && given.versions && run.history.header.seed % 2 == 0;
  if (alone) options.linearizability = Linearizability::never;
  const Verdict verdict = judge(run.history, audit ? std::optional(*audit) : std::nullopt, options);
  const bool passes = verdict.outcome == Outcome::pass;
  if (!passes && verdict.outcome != Outcome::violation) {
    ++counts.undecided;
    return;
  }
  const Reading reading = passes ? Reading::lenient : Reading::exact;
  const auto explained = has_execution(run.history, audit, reading, k_tries_max);
  if (!explained) {
    ++counts.too_large;
    return;
  }
  (passes ? counts.passed : counts.rejected) += 1;
  if (passes == *explained) return;
  RC_LOG() << what << "\n" << text_of(run, verdict);
  RC_FAIL(passes ? "passed, and has no execution" : "a violation, and has an execution");
}

void compare(const char* what, const Given& given) {
  Counts counts;
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = what;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, k_runs);
  const auto result =
      rc::detail::checkTestable([&] { compare_one(given, counts); }, metadata, params);
  std::cout << what << ": " << counts.compared() << " runs compared: " << counts.passed
            << " passed, " << counts.rejected << " rejected (and " << counts.undecided
            << " undecided, " << counts.too_large << " too large, " << counts.malformed
            << " malformed)\n";
  if (!result.is<rc::detail::SuccessResult>()) {
    std::ostringstream out;
    rc::detail::printResultMessage(result, out);
    FAIL() << what << " (seed " << params.seed << "): " << out.str();
  }
  EXPECT_GE(counts.passed, k_runs / 2);
  EXPECT_GE(counts.rejected, k_runs / 15);
  EXPECT_LE(counts.too_large, k_runs / 20);
}

TEST(Specification, TheJudgeAgreesByTheRepliesAlone) {
  compare("the replies alone", {.rows = false, .versions = false});
}

TEST(Specification, TheJudgeAgreesByTheVersionsOfTheReplies) {
  compare("replies with versions", {.rows = false, .versions = true});
}

TEST(Specification, TheJudgeAgreesByTheRows) {
  compare("with rows", {.rows = true, .versions = false});
}

TEST(Specification, TheJudgeAgreesByRowsAndVersions) {
  compare("with rows and versions", {.rows = true, .versions = true});
}

}  // namespace
}  // namespace boxoffice::properties
