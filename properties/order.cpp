// See order.hpp.
#include "properties/order.hpp"

#include <algorithm>
#include <utility>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

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
  if (run.audit && count.operations > options.cross_check_operations_max) {
    return sentence("H5 judges by the versions, and ", count.operations,
                    " operations are more than the ", options.cross_check_operations_max,
                    " of a cross-check");
  }
  return {};
}

/// Where holds of before the run are found, or end, no order can be known: nobody saw who made
/// them. H5 knows from the versions what changed in the run, and only that.
bool versions_are_enough(const Run& run, const ToPlace& count, const JudgeOptions& options) {
  const bool witnessed = run.header->versions && count.unversioned == 0 && !run.audit;
  return witnessed && options.linearizability == Linearizability::automatic &&
         std::ranges::any_of(run.events, [](const EventRun& event) {
           return event.start->available_tickets < event.start->total_tickets;
         });
}

}  // namespace

Judged check_order(const Run& run, const JudgeOptions& options) {
  Judged judged;
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
    judged.findings.push_back(std::move(found));
  } else {
    judged.not_attempted.emplace_back("H5: the server's replies carry no event versions");
  }
  if (!why.empty()) {
    judged.not_attempted.push_back("H6: " + why);
    return judged;
  }
  Findings found = check_h6_linearizability(run, options.search, explained);
  if (found.check().outcome == Outcome::unknown && versions_are_enough(run, count, options)) {
    judged.not_attempted.push_back("H6: " + found.check().note);
  } else {
    judged.findings.push_back(std::move(found));
  }
  return judged;
}

}  // namespace boxoffice::properties
