// H6, linearizability: for each event there is an order of its operations that the model allows and
// real time agrees with.
//
// What: the operations of an event become steps of the sequential model (linearizability/model.hpp)
// and a search tries the orders (linearizability/search.hpp). Events share no state, so that one
// that has an order and another that has one have one together (Herlihy & Wing 1990: locality).
// Why: it believes nothing that the server says of its own order. It is what judges a server whose
// replies carry no versions, and it holds H5 to account where they do.
//
// With the rows, hidden steps are known: an expiry, or an operation without reply, happened where
// its row shows it and did not where it does not. Then H6 is exact, in both directions, for the
// model: a pass comes with an order, a violation means that there is none. With versions in the
// state it says the same as H5 wherever each reply with numbers carries its version (a property
// holds both to that); without, it allows more orders, so whatever H5 passes it passes too.
// Without the rows it is sound only: a violation means that no choice of what happened unseen
// explains the replies. An operation without reply may have happened or not, as is usual. But no
// expiry is guessed: where an order needs one that nobody saw, or that tickets come back which were
// held before the run, or a reservation that nobody is known to have made, the answer is *unknown*.
// So it is past the bounds of the search. It cannot
// see what no reply shows: it is a check of what clients were told, and D and X are its complement.
#include <algorithm>

#include "properties/invariants/invariants.hpp"
#include "properties/linearizability/contradiction.hpp"
#include "properties/linearizability/model.hpp"
#include "properties/linearizability/search.hpp"

namespace boxoffice::properties {
namespace {

using linearizability::Answer;
using linearizability::Bounds;
using linearizability::EventModel;
using linearizability::ModelOptions;
using linearizability::SearchResult;

/// One search of the reduction may cost this: it explains, it does not decide.
constexpr std::int64_t k_reduction_steps_max = 200'000;
/// And this one that lets holds expire unseen: it can only turn *unknown* into a violation.
constexpr std::int64_t k_guess_steps_max = 2'000'000;
/// In so many events the contradiction is looked for: a verdict shows no more of them.
constexpr std::size_t k_described_events_max = 20;

class OrderSearch {
 public:
  OrderSearch(const Run& run, const Bounds& bounds, bool explained)
      : run_(run), bounds_(bounds), explained_(explained) {}

  Findings run() {
    for (const EventRun& event : run_.events) {
      if (event.resized.empty())
        check(event);
      else
        findings_.undecided(Outcome::invalid, event.resized);
    }
    if (undecided_ > 0) {
      findings_.undecided(Outcome::unknown, sentence(undecided_, " of ", run_.events.size(),
                                                     " events were not decided: ", why_));
    }
    return std::move(findings_);
  }

 private:
  void check(const EventRun& event) {
    ModelOptions options;
    EventModel model = linearizability::build_model(run_, event, options);
    findings_.examined(static_cast<std::int64_t>(model.steps.size()));
    if (!model.undecidable.empty()) return undecided(event, model.undecidable);
    SearchResult found = decide(model, bounds_.steps_max);
    if (found.answer == Answer::violation && !event.end) {
      options.expiries = true;
      options.versions = false;  // of several holds that end together the server counts one
      model = linearizability::build_model(run_, event, options);
      if (!model.undecidable.empty()) return undecided(event, model.undecidable);
      found = decide(model, k_guess_steps_max);
      if (found.answer == Answer::linearizable) {
        return undecided(event, what_it_needs(event));
      }
    }
    if (found.answer == Answer::gave_up) {
      return undecided(event,
                       sentence("the search met ", found.bound, " after ", found.steps, " steps"));
    }
    if (found.answer == Answer::violation) report(model, found);
  }

  /// The bound on steps is one for all events; that on memory is for each.
  SearchResult decide(const EventModel& model, std::int64_t steps_max) {
    Bounds left = bounds_;
    left.steps_max = std::min(steps_max, bounds_.steps_max - steps_);
    SearchResult found = linearizability::search(model, left);
    steps_ += found.steps;
    return found;
  }

  static const char* what_it_needs(const EventRun& event) {
    const bool held_before = event.start->available_tickets < event.start->total_tickets;
    return held_before ? "tickets held before the run may have come back"
                       : "an order needs an expiry that nobody saw";
  }

  void undecided(const EventRun& event, const std::string& why) {
    if (undecided_++ == 0) why_ = sentence("event ", event.id(), ": ", why);
  }

  void report(const EventModel& model, const SearchResult& found) {
    const bool enough = findings_.kept().size() >= k_described_events_max;
    if (explained_ || enough) return findings_.violation_described_elsewhere();
    Bounds bounds = bounds_;
    bounds.steps_max = std::min(bounds.steps_max, k_reduction_steps_max);
    const linearizability::Core core = linearizability::reduce(model, found, bounds);
    const bool named = core.stuck != linearizability::k_nobody;
    const Operation* stuck = named ? core.model.steps[core.stuck].operation : nullptr;
    findings_.violation(model.event->id(), complete_ns({stuck}),
                        [&] { return linearizability::describe(core); });
  }

  const Run& run_;
  const Bounds& bounds_;
  const bool explained_;
  Findings findings_{"H6"};
  std::int64_t steps_ = 0;
  std::int64_t undecided_ = 0;
  std::string why_;
};

}  // namespace

Findings check_h6_linearizability(const Run& run, const linearizability::Bounds& bounds,
                                  bool explained) {
  return OrderSearch(run, bounds, explained).run();
}

}  // namespace boxoffice::properties
