// judge(): pairs the history, joins it with the audit, runs every invariant and sums up.
//
// A malformed history (H1) is not judged further, nor is one that is not whole: what the harness
// recorded wrongly, or lost, must not be held against the server. A row of an operation whose line
// is gone looks just like one that nobody asked for. A violation counts even where evidence is
// missing; a pass never does.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "properties/evidence.hpp"
#include "properties/held_tickets.hpp"
#include "properties/invariants/invariants.hpp"
#include "properties/operations.hpp"
#include "properties/run.hpp"
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

std::array<Findings, 2> check_h2_h3_tickets(const Run& run) {
  std::array<Findings, 2> findings{Findings("H2"), Findings("H3")};
  for (const EventRun& event : run.events) {
    const HeldTickets held = held_tickets(run, event);
    check_h2_oversold(event, held.certain, findings[0]);
    check_h3_availability(event, held.certain, held.possible, findings[1]);
  }
  return findings;
}

/// What the order checks have to place among the operations of a run whose server gives versions.
struct ToPlace {
  std::size_t operations = 0;   ///< that tell of the state of things, or may have changed it
  std::size_t unversioned = 0;  ///< replies with numbers of an event, or sold out, and no version
};

ToPlace to_place(const Run& run) {
  ToPlace count;
  for (const Operation& operation : run.operations) {
    const bool numbers = operation.available() || operation.sold_out;
    // Refused before the first byte, or for overload: neither a search nor a reader has to know.
    const bool silent = operation.type == EntryType::fail && !numbers && !operation.version();
    const int http = silent ? operation.completion->error.http : 0;
    count.operations += !silent || http == 404 || http == 409 || http == 410;
    const bool changes = operation.made_reservation() || operation.ok(Function::cancel);
    const bool looks = operation.type != EntryType::info && !changes;
    count.unversioned +=
        looks && numbers && !operation.version() && !operation.ok(Function::purchase);
  }
  return count;
}

/// Why H6 is not searched for; empty: it is.
std::string why_no_search(const Run& run, const ToPlace& count, const JudgeOptions& options) {
  if (options.linearizability == Linearizability::always) return {};
  if (options.linearizability == Linearizability::never) return "it was not asked for";
  if (!run.header->versions || count.unversioned > 0) return {};
  if (!run.audit) return "H5 judges by the versions, and there is no audit to check it by";
  if (count.operations > options.cross_check_operations_max) {
    return sentence("H5 judges by the versions, and ", count.operations,
                    " operations are more than the ", options.cross_check_operations_max,
                    " of a cross-check");
  }
  return {};
}

/// Takes over what a check found; `described` gathers what a verdict may show.
void collect(const Findings& findings, Verdict& verdict, std::vector<Finding>& described) {
  verdict.checks.push_back(findings.check());
  verdict.violations_total += findings.total();
  described.insert(described.end(), findings.kept().begin(), findings.kept().end());
}

/// H5 and H6: at least one of them judges, and whatever H5 has no place for H6 does.
void check_order(const Run& run, const JudgeOptions& options, Verdict& verdict,
                 std::vector<Finding>& described) {
  const ToPlace count = run.header->versions ? to_place(run) : ToPlace{};
  const std::string why = why_no_search(run, count, options);
  bool explained = false;
  if (run.header->versions || !why.empty()) {
    Findings found = check_h5_versions(run);
    explained = found.total() > 0;
    if (count.unversioned > 0 && !why.empty()) {
      found.undecided(Outcome::unknown, sentence(count.unversioned,
                                                 " replies with numbers carried no event version"));
    }
    collect(found, verdict, described);
  } else {
    verdict.not_attempted.emplace_back("H5: the server's replies carry no event versions");
  }
  if (why.empty()) {
    collect(check_h6_linearizability(run, options.search, explained), verdict, described);
  } else {
    verdict.not_attempted.push_back("H6: " + why);
  }
}

/// What was read and cannot be held against anybody, said where it is not nothing.
void note_unjudged_reads(const Run& run, Verdict& verdict) {
  const auto of_the_past = std::ranges::count_if(run.operations, [](const Operation& operation) {
    return operation.refused(Function::read) && operation.code() == "aged_reply";
  });
  if (of_the_past > 0) {
    verdict.not_attempted.push_back(sentence("H3 of ", of_the_past,
                                             " reads: their replies say that they are of the past"
                                             " (Age)"));
  }
  if (!run.audit) return;
  const auto silent = std::ranges::count_if(run.audit->events, [](const AuditedEvent& event) {
    return !event.get_available && !event.get_version;
  });
  if (silent > 0) {
    verdict.not_attempted.push_back(sentence("X6 of ", silent, " of ", run.audit->events.size(),
                                             " events: nobody could read them after the end"));
  }
}

void describe(Verdict& verdict, std::vector<Finding>& described, const JudgeOptions& options) {
  std::stable_sort(described.begin(), described.end(),
                   [](const Finding& a, const Finding& b) { return a.at_ns < b.at_ns; });
  if (described.size() > options.violations_max) described.resize(options.violations_max);
  for (Finding& finding : described) verdict.violations.push_back(std::move(finding.violation));
  std::sort(verdict.checks.begin(), verdict.checks.end(), [](const Check& a, const Check& b) {
    constexpr std::string_view k_order = "HDX";
    const auto rank = [&](const Check& check) { return k_order.find(check.invariant.front()); };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.invariant < b.invariant;
  });
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
    describe(verdict, described, options);
    return verdict;
  }
  const Run run = join(history, audit ? &*audit : nullptr, std::move(paired.operations));
  check_order(run, options, verdict, described);
  for (const Findings& found : check_h2_h3_tickets(run)) collect(found, verdict, described);
  for (const Invariant invariant : k_from_replies) collect(invariant(run), verdict, described);
  if (run.audit) {
    for (const Invariant invariant : k_from_audit) collect(invariant(run), verdict, described);
  } else {
    verdict.not_attempted.push_back(
        "D1, D3, X2, X3, X5, X6, and X1 and X4 of the rows: the database was not asked");
  }
  note_unjudged_reads(run, verdict);
  if (std::string gap = mostly_unanswered(run); !gap.empty()) {
    verdict.not_attempted.push_back(std::move(gap));
  }
  if (run.audit && run.audit->trail) {
    collect(check_d2_trail(run), verdict, described);
  } else {
    verdict.not_attempted.push_back("D2: no triggers kept a trail of the changes");
  }
  verdict.evidence = gather_evidence(run);
  verdict.missing_evidence = missing_evidence(run, verdict.evidence);
  verdict.outcome = verdict.missing_evidence.empty() ? Outcome::pass : Outcome::invalid;
  for (const Check& check : verdict.checks) {
    verdict.outcome = std::max(verdict.outcome, check.outcome);
  }
  describe(verdict, described, options);
  return verdict;
}

}  // namespace boxoffice::properties
