// H3: every availability in a reply, and every sold_out, lies within what the operations around it
// allow.
//
// What: at some moment of the operation's interval the number must fit between capacity less what
// was possibly held and capacity less what was certainly held then (held_tickets.hpp); a sold_out
// must have met, at some moment, possibly fewer tickets than it asked for; and no reserve or read
// is told that the event does not exist, whose tickets are counted before and after. (Who holds
// tickets is not told "sold out" either: h3_own_holds.cpp.) Why: it needs
// no versions and no database, and it explains itself: "no operation allows that". It is a bound,
// not an order: it cannot see replies that are each possible but not together, and where holds
// expire its lower bound is weak. H5 is exact.
#include <algorithm>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

struct Bounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// The holds of an event; the hints are where the last window began (operations come by their
/// calls).
struct Holds {
  const StepFunction& certain;
  const StepFunction& possible;
  std::size_t certain_hint = 0, possible_hint = 0;
};

Bounds available_during(const EventRun& event, Holds& holds, const Operation& during) {
  const std::int64_t total = event.start->total_tickets;
  const auto certain = holds.certain.over(during.call_ns, during.return_ns, holds.certain_hint);
  const auto possible = holds.possible.over(during.call_ns, during.return_ns, holds.possible_hint);
  // Tickets held before the run began may have come back at any time: they count as taken for the
  // lower bound and as free for the upper one.
  return {std::max<std::int64_t>(0, event.start->available_tickets - possible.most),
          std::min(total, total - certain.least)};
}

/// A 404 to a purchase or cancel is about its reservation: H5 and H6 judge those.
bool was_not_found(const Operation& operation) {
  const bool of_the_event = operation.f == Function::reserve || operation.f == Function::read;
  return operation.type == EntryType::fail && of_the_event &&
         operation.completion->error.http == 404;
}

void report_not_found(const EventRun& event, const Operation& operation, Findings& findings) {
  findings.violation(event.id(), operation.call_ns, [&] {
    return Contradiction{
        sentence(label(&operation), " was told that there is no event ", event.id(), " (404 ",
                 operation.code(), "), which is there from the start of the run to its end"),
        indices({&operation}),
        {}};
  });
}

void check(const EventRun& event, Holds& holds, const Operation& operation, Findings& findings) {
  const std::optional<std::int64_t> available = operation.available();
  if (was_not_found(operation)) {
    findings.examined();
    return report_not_found(event, operation, findings);
  }
  if (!available && !operation.sold_out) return;
  findings.examined();
  const Bounds bounds = available_during(event, holds, operation);
  if (available && (*available < bounds.low || *available > bounds.high)) {
    findings.violation(event.id(), operation.call_ns, [&] {
      return Contradiction{
          sentence(label(&operation), " saw ", *available, " available tickets of event ",
                   event.id(), ", but the operations around it allow only ", bounds.low, " to ",
                   bounds.high),
          indices({&operation}),
          {}};
    });
  } else if (operation.sold_out) {
    const std::int64_t wanted = operation.tickets;
    const std::int64_t least = available.value_or(bounds.low);
    if (least < wanted) return;
    findings.violation(event.id(), operation.call_ns, [&] {
      return Contradiction{
          sentence(label(&operation), " was told that event ", event.id(), " is sold out for ",
                   wanted, " tickets, but ", available ? "by the reply itself " : "at least ",
                   least, " were available"),
          indices({&operation}),
          {}};
    });
  }
}

}  // namespace

void check_h3_availability(const EventRun& event, const StepFunction& certain,
                           const StepFunction& possible, Findings& findings) {
  Holds holds{certain, possible};
  for (const Operation* operation : event.operations) {
    if (operation->type == EntryType::ok || operation->type == EntryType::fail) {
      check(event, holds, *operation, findings);
    }
  }
}

}  // namespace boxoffice::properties
