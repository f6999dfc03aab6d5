// judge(): pairs the history, joins it with the audit, runs every invariant and sums up.
//
// A malformed history (H1) is not judged further, nor is one that is not whole: what the harness
// recorded wrongly, or lost, must not be held against the server. A row of an operation whose line
// is gone looks just like one that nobody asked for. A violation counts even where evidence is
// missing; a pass never does.
#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "properties/evidence.hpp"
#include "properties/held_tickets.hpp"
#include "properties/invariants/invariants.hpp"
#include "properties/operations.hpp"
#include "properties/order.hpp"
#include "properties/run.hpp"
#include "properties/side_by_side.hpp"
#include "properties/undone_reads.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {
namespace {

using Invariant = Findings (*)(const Run&);

/// X1 and X4 see in the replies alone whether these agree with each other and with what was asked
/// for, X7 whose reservations they spoke of.
constexpr Invariant k_from_replies[] = {check_h4_terminal, check_x1_lost, check_x4_status,
                                        check_x7_ownership};

constexpr Invariant k_from_audit[] = {check_x2_phantom,  check_x3_duplicate_request,
                                      check_d1_identity, check_d3_expiry,
                                      check_x5_total,    check_x6_final_read};

/// Also where it is the record of less than a run: what is not recorded may have gone wrong.
Findings check_h1_history(const History& history, const PairedHistory& paired) {
  Findings findings("H1");
  findings.examined(static_cast<std::int64_t>(paired.operations.size()));
  for (const HistoryFault& fault : paired.faults) {
    findings.violation(fault.event_id, fault.at_ns, [&] {
      return Contradiction{fault.message, fault.operations, {}};
    });
  }
  for (const std::string& flaw : history.flaws) findings.undecided(Outcome::invalid, flaw);
  if (paired.unfinished > 0) {
    findings.undecided(Outcome::invalid, sentence(paired.unfinished, " operations were never ",
                                                  "completed: the harness was cut off"));
  }
  return findings;
}

Judged check_h2_h3_tickets(const Run& run) {
  Findings oversold("H2"), availability("H3");
  for (const EventRun& event : run.events) {
    if (!event.resized.empty()) {
      for (Findings* findings : {&oversold, &availability})
        findings->undecided(Outcome::invalid, event.resized);
      continue;
    }
    const HeldTickets held = held_tickets(run, event);
    check_h2_oversold(event, held.certain, oversold);
    check_h3_availability(event, held.certain, held.possible, availability);
    check_h3_own_holds(run, event, availability);
  }
  return {{std::move(oversold), std::move(availability)}, {}};
}

/// Takes over what a check found; `described` gathers what a verdict may show.
void collect(const Findings& findings, Verdict& verdict, std::vector<Finding>& described) {
  verdict.checks.push_back(findings.check());
  verdict.violations_total += findings.total();
  described.insert(described.end(), findings.kept().begin(), findings.kept().end());
}

/// What was read and cannot be held against anybody, said where it is not nothing.
Judged unjudged_reads(const Run& run) {
  Judged judged;
  const auto of_the_past = std::ranges::count_if(run.operations, [](const Operation& operation) {
    return operation.refused(Function::read) && operation.code() == "aged_reply";
  });
  if (of_the_past > 0) {
    judged.not_attempted.push_back(sentence("H3 of ", of_the_past,
                                            " reads: their replies say that they are of the past"
                                            " (Age)"));
  }
  if (!run.audit) return judged;
  const auto silent = std::ranges::count_if(run.audit->events, [](const AuditedEvent& event) {
    return !event.get_available && !event.get_version;
  });
  if (silent > 0) {
    judged.not_attempted.push_back(sentence("X6 of ", silent, " of ", run.audit->events.size(),
                                            " events: nobody could read them after the end"));
  }
  if (std::string gap = mostly_unanswered(run); !gap.empty()) {
    judged.not_attempted.push_back(std::move(gap));
  }
  return judged;
}

using Part = std::function<Judged()>;

/// The checks, independent of each other, in the order in which a verdict tells of them. The first
/// takes by far the longest.
std::vector<Part> parts_of(const Run& run, const JudgeOptions& options, Evidence& evidence) {
  std::vector<Part> parts;
  parts.emplace_back([&] { return check_order(run, options); });
  parts.emplace_back([&] { return check_h2_h3_tickets(run); });
  const auto add = [&](Invariant invariant) {
    parts.emplace_back([&run, invariant] { return Judged{{invariant(run)}, {}}; });
  };
  const auto add_nothing = [&](const char* why) {
    parts.emplace_back([why] { return Judged{{}, {why}}; });
  };
  for (const Invariant invariant : k_from_replies) add(invariant);
  if (run.audit) {
    for (const Invariant invariant : k_from_audit) add(invariant);
  } else {
    add_nothing("D1, D3, X2, X3, X5, X6, and X1 and X4 of the rows: the database was not asked");
  }
  parts.emplace_back([&] { return unjudged_reads(run); });
  parts.emplace_back([&] {
    const std::string gap = unseen_expiry(run);
    return gap.empty() ? Judged{} : Judged{{}, {gap}};
  });
  if (run.audit && run.audit->trail) {
    add(&check_d2_trail);
  } else {
    add_nothing("D2: no triggers kept a trail of the changes");
  }
  parts.emplace_back([&] {
    evidence = gather_evidence(run);
    return Judged{};
  });
  return parts;
}

/// One where a thread would take longer to start than all to end. More than two would wait for the
/// first part, and each has its own memory to work in.
unsigned threads_for(const Run& run) {
  constexpr std::size_t k_worth_a_thread = 20'000;
  if (run.operations.size() < k_worth_a_thread) return 1;
  return std::min(2U, std::thread::hardware_concurrency());
}

/// The earliest, and of each invariant its own earliest: many consequences of a breach do not hide
/// what is known at the end only, from a row.
void keep_earliest(std::vector<Finding>& described, std::size_t most) {
  std::stable_sort(described.begin(), described.end(),
                   [](const Finding& a, const Finding& b) { return a.at_ns < b.at_ns; });
  std::set<std::string> named;
  std::vector<Finding> firsts, others;
  for (Finding& finding : described) {
    const bool first = named.insert(finding.violation.invariant).second;
    (first ? firsts : others).push_back(std::move(finding));
  }
  if (firsts.size() > most) firsts.resize(most);
  if (others.size() > most - firsts.size()) others.resize(most - firsts.size());
  described.clear();
  std::ranges::merge(firsts, others, std::back_inserter(described), {}, &Finding::at_ns,
                     &Finding::at_ns);
}

void describe(Verdict& verdict, std::vector<Finding>& described, const JudgeOptions& options) {
  keep_earliest(described, options.violations_max);
  for (Finding& finding : described) verdict.violations.push_back(std::move(finding.violation));
  std::sort(verdict.checks.begin(), verdict.checks.end(), [](const Check& a, const Check& b) {
    constexpr std::string_view k_order = "HDX";
    const auto rank = [&](const Check& check) { return k_order.find(check.invariant.front()); };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.invariant < b.invariant;
  });
}

/// What broke around the server is the cause of what is missing, and named before it.
void note_breakages(const History& history, Verdict& verdict) {
  auto& missing = verdict.missing_evidence;
  for (std::size_t i = 0; i < history.breakages.size(); ++i) {
    missing.insert(missing.begin() + static_cast<std::ptrdiff_t>(i), history.breakages[i].why);
  }
  if (!history.breakages.empty()) verdict.outcome = std::max(verdict.outcome, Outcome::invalid);
}

}  // namespace

Verdict judge(const History& history, const std::optional<Audit>& audit,
              const JudgeOptions& options) {
  Verdict verdict;
  std::vector<Finding> described;
  PairedHistory paired = pair_entries(history);
  collect(check_h1_history(history, paired), verdict, described);
  if (!paired.faults.empty() || !history.flaws.empty()) {
    Check& check = verdict.checks.back();
    check.outcome = Outcome::invalid;
    check.note = paired.faults.empty() ? history.flaws.front() + ": nothing else was judged"
                                       : "the harness recorded no history: nothing else was judged";
    verdict.outcome = Outcome::invalid;
    note_breakages(history, verdict);
    describe(verdict, described, options);
    return verdict;
  }
  if (const std::int64_t undone = set_aside_undone_reads(history, paired.operations); undone > 0) {
    verdict.not_attempted.push_back(sentence("H3 and H5 of ", undone, " replies: they told of what",
                                             " was not yet durable when the database was ended"));
  }
  const Run run = join(history, audit ? &*audit : nullptr, std::move(paired.operations));
  const auto parts = parts_of(run, options, verdict.evidence);
  for (const Judged& judged : side_by_side(parts, threads_for(run))) {
    for (const Findings& findings : judged.findings) collect(findings, verdict, described);
    verdict.not_attempted.insert(verdict.not_attempted.end(), judged.not_attempted.begin(),
                                 judged.not_attempted.end());
  }
  verdict.missing_evidence = missing_evidence(run, verdict.evidence);
  verdict.outcome = verdict.missing_evidence.empty() ? Outcome::pass : Outcome::invalid;
  for (const Check& check : verdict.checks) {
    verdict.outcome = std::max(verdict.outcome, check.outcome);
  }
  note_breakages(history, verdict);
  describe(verdict, described, options);
  return verdict;
}

}  // namespace boxoffice::properties
