// H6 against H5, and both against trying every order: on many small runs, correct and corrupted.
//
// A run is drawn small, so that most of what can go wrong is near what can go right; then left as
// it is, corrupted (corruptions.hpp), or scrambled blindly, up to three times.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <iostream>
#include <random>
#include <sstream>

#include "corruption_parts.hpp"
#include "corruptions.hpp"
#include "every_order.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/invariants/invariants.hpp"
#include "properties/linearizability/search.hpp"
#include "simulator.hpp"

namespace boxoffice::properties {
namespace {

using linearizability::Answer;
using linearizability::build_model;
using linearizability::EventModel;
using simulation::Plan;
using simulation::Simulated;

constexpr int k_compared = 100'000;
constexpr int k_passed = 50'000;

Plan small_plan() {
  const auto below = [](int low, int high) { return *rc::gen::inRange(low, high); };
  Plan plan;
  plan.seed = *rc::gen::resize(100, rc::gen::arbitrary<std::uint32_t>());
  plan.events = 1;
  plan.clients = below(1, 8);
  plan.users = below(1, 5);
  plan.operations = below(1, 25);
  plan.tickets = below(1, 7);
  plan.quantity_max = below(1, 4);
  plan.hold_us = below(4, 40);
  plan.lost_percent = *rc::gen::element(0, 10, 40);
  plan.earlier_rows = *rc::gen::arbitrary<bool>();
  return plan;
}

/// A third correct, a third corrupted, a third scrambled. Says what it did in `what`.
Simulated any_small_run(std::string& what, const Plan& plan = small_plan()) {
  Simulated run = simulate(plan);
  std::mt19937_64 random(plan.seed);
  std::vector<simulation::Corruption> corruptions;
  for (const auto& table : {simulation::reply_corruptions(), simulation::row_corruptions()}) {
    corruptions.insert(corruptions.end(), table.begin(), table.end());
  }
  const auto kind = random() % 3;
  const std::size_t times = kind == 2 ? 1 + random() % 6 : kind;
  for (std::size_t i = 0; i < times; ++i) {
    const auto& all =
        kind == 1 ? std::span<const simulation::Corruption>(corruptions) : simulation::scrambles();
    const simulation::Corruption& one = all[random() % all.size()];
    if (one.apply(run, random)) what.append(one.name).append(" ");
  }
  std::stable_sort(run.history.entries.begin(), run.history.entries.end(),
                   [](const Entry& a, const Entry& b) { return a.t_ns < b.t_ns; });
  return run;
}

std::string text_of(const Simulated& run) {
  std::string text;
  append_line(text, run.history.header);
  for (const Entry& entry : run.history.entries) append_line(text, entry);
  append_audit(text, run.audit);
  return text;
}

std::string text_of(const Findings& findings) {
  std::string text = findings.check().note;
  for (const Finding& finding : findings.kept()) text += "\n  " + finding.violation.message;
  return text;
}

/// `batch` makes another sequence of runs of the same seed.
template <class Property>
void hold_for_all(const char* what, int runs, Property&& property, std::uint64_t batch = 0) {
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = what;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, runs);
  params.seed += batch;
  const auto result = rc::detail::checkTestable(property, metadata, params);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream out;
  rc::detail::printResultMessage(result, out);
  FAIL() << what << " (seed " << params.seed << "): " << out.str();
}

TEST(Linearizability, TheSearchAndTheVersionWitnessAgreeExactly) {
  int compared = 0, passed = 0, rejected = 0;
  const auto property = [&] {
    std::string what;
    const Simulated run = any_small_run(what);
    PairedHistory paired = pair_entries(run.history);
    if (!paired.faults.empty()) return;
    const properties::Run joined = join(run.history, &run.audit, std::move(paired.operations));
    const Findings witness = check_h5_versions(joined);
    if (witness.check().outcome == Outcome::unknown) return;
    const Findings search = check_h6_linearizability(joined, {}, false);
    ++compared;
    (witness.check().outcome == Outcome::pass ? passed : rejected) += 1;
    if (witness.check().outcome == search.check().outcome) return;
    RC_LOG() << what << "\nH5: " << text_of(witness) << "\nH6: " << text_of(search) << "\n"
             << text_of(run);
    RC_FAIL("they disagree");
  };
  for (std::uint64_t batch = 0; compared < k_compared && !HasFailure(); ++batch) {
    hold_for_all("H5 and H6 agree", 10'000, property, batch);
  }
  std::cout << compared << " runs compared: " << passed << " passed, " << rejected << " rejected\n";
  EXPECT_GE(compared, k_compared);
  EXPECT_GE(passed, k_compared / 5);
  EXPECT_GE(rejected, k_compared / 5);
}

TEST(Linearizability, WithoutVersionsWhateverTheWitnessPassesHasAnOrder) {
  int passed = 0;
  const auto property = [&] {
    std::string what;
    const Simulated run = any_small_run(what);
    PairedHistory paired = pair_entries(run.history);
    if (!paired.faults.empty()) return;
    const properties::Run joined = join(run.history, &run.audit, std::move(paired.operations));
    if (check_h5_versions(joined).check().outcome != Outcome::pass) return;
    ++passed;
    const EventModel model = build_model(joined, joined.events[0], {false, false});
    RC_LOG() << what << "\n" << text_of(run);
    RC_ASSERT(search(model, {}).answer == Answer::linearizable);
  };
  for (std::uint64_t batch = 0; passed < k_passed && !HasFailure(); ++batch) {
    hold_for_all("H6 without versions passes what H5 passes", 10'000, property, batch);
  }
  std::cout << passed << " runs that H5 passes have an order without versions\n";
  EXPECT_GE(passed, k_passed);
}

/// As from clients that time out: of some cancels and purchases nobody hears whether they happened,
/// and before others the same was sent in vain.
void lose_replies(Simulated& run, std::mt19937_64& random) {
  std::vector<Entry> in_vain;
  std::int64_t next = 3'000'000;
  for (const simulation::Pair& pair : simulation::pairs(run)) {
    if (!pair.call || !pair.reply) continue;  // a scramble tore it apart
    const bool ends = pair.reply->f == Function::cancel || pair.reply->f == Function::purchase;
    const auto kind = random() % 3;
    if (!ends || kind == 0) continue;
    Entry call = *pair.call, lost = *pair.reply;
    call.process = lost.process = next++;
    lost.type = EntryType::info;
    lost.out = {};
    lost.error = {"timeout", 0, "receive"};
    if (kind == 1) {
      *pair.call = call;
      *pair.reply = lost;
    } else {
      call.index = next++;
      lost.index = next++;
      call.f = lost.f = Function::cancel;
      in_vain.push_back(call);
      in_vain.push_back(lost);
    }
  }
  auto& entries = run.history.entries;
  entries.insert(entries.end(), in_vain.begin(), in_vain.end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.t_ns < b.t_ns; });
}

enum class Replies { all, few };

/// Where few replies come: single tickets and no expiries, so that most changes are alike.
Plan plan_of(Replies replies) {
  Plan plan = small_plan();
  if (replies == Replies::all) return plan;
  plan.operations = *rc::gen::inRange(6, 13);
  plan.users = *rc::gen::inRange(2, 5);
  plan.quantity_max = 1;
  plan.hold_us = 1000;
  plan.earlier_rows = false;
  return plan;
}

/// `audited` and `versions` as a server that was not started by us would leave them.
void compare_with_every_order(bool audited, bool versions, Replies replies = Replies::all) {
  int decided = 0, violations = 0;
  const int runs = replies == Replies::all ? 15'000 : 60'000;
  hold_for_all("the search says what trying every order says", runs, [&] {
    std::string what;
    Simulated run = any_small_run(what, plan_of(replies));
    const bool few_numbers = *rc::gen::arbitrary<bool>();  // so that many changes are alike
    for (Entry& entry : run.history.entries) {
      if (few_numbers && entry.f != Function::read) entry.out.available.reset();
    }
    if (replies == Replies::few) {
      std::mt19937_64 random(run.history.header.seed);
      lose_replies(run, random);
    }
    PairedHistory paired = pair_entries(run.history);
    if (!paired.faults.empty() || paired.operations.size() > 14) return;
    const properties::Run joined =
        join(run.history, audited ? &run.audit : nullptr, paired.operations);
    const bool expiries = !audited && replies == Replies::all;  // which would explain too much
    EventModel model = build_model(joined, joined.events[0], {versions, expiries});
    if (!model.undecidable.empty()) return;
    const auto expected = some_order_fits(model, 50'000);
    if (!expected) return;
    ++decided;
    violations += !*expected;
    const auto found = search(model, {});
    RC_LOG() << what << "\n" << text_of(run);
    RC_ASSERT((found.answer == Answer::linearizable) == *expected);
  });
  EXPECT_GE(decided, 1000);
  EXPECT_GE(violations, 100);
}

TEST(Linearizability, TheSearchSaysWhatTryingEveryOrderSays) {
  compare_with_every_order(true, true);
  compare_with_every_order(true, false);
  compare_with_every_order(false, false);
  compare_with_every_order(false, false, Replies::few);
}

}  // namespace
}  // namespace boxoffice::properties
