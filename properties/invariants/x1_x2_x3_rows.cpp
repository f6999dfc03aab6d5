// X1, X2, X3: acknowledged reserves and rows are the same things.
//
// X1: every acknowledged reserve has its row, and the row says what the reply said: nothing was
// lost, and no hold ends before it was promised to. Of the replies alone: a reserve got as many
// tickets as it asked for, no reservation was made twice, nor in two events, and no request made
// two (with rows X3 says that). X2: every row comes from a reserve that succeeded or whose outcome
// nobody knows, and is of as many tickets as that asked for: there is no phantom, and no refusal
// that reserved all the same. X3: at most one row for a user's request_id: one that was sent again
// did not reserve again. Why: these three are what a customer would take us to court for. They
// cannot see a row that was there for a while and is not any more; with versions, H5 sees its gap.
#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>

#include "properties/hold_times.hpp"
#include "properties/invariants/invariants.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

/// Later than promised is what a server may do that prolongs a hold; D3 holds it to its row then.
bool ends_before_promised(const AuditedReservation& row, const Operation& reserve) {
  const auto promised_us = reserve.out().expires_us;
  return promised_us && row.expires_us <= *promised_us - written_to_us(*promised_us);
}

/// Where a success contradicts by itself what was asked for; empty where it does not.
std::string misfit(const Operation& reserve) {
  const auto told = reserve.out().quantity;
  if (!told || (*told > 0 && !reserve.made_reservation())) return {};  // another one's tickets
  if (*told > 0 && *told == reserve.in().quantity) return {};
  return sentence("the reply is of ", *told, " tickets; asked for ", reserve.in().quantity);
}

/// Where a row differs from what the operation asked for and was told; empty where it does not.
std::string difference(const AuditedReservation& row, const Operation& reserve) {
  const std::int64_t quantity = reserve.out().quantity.value_or(reserve.in().quantity);
  if (ends_before_promised(row, reserve)) return "ends before the reply said";
  if (!reserve.made_reservation()) {
    if (reserve.out().quantity && row.quantity != quantity) {
      return sentence("is of ", row.quantity, " tickets and not ", quantity);
    }
    return {};
  }
  if (row.quantity != quantity || row.quantity != reserve.in().quantity) {
    return sentence("is of ", row.quantity, " tickets; asked for ", reserve.in().quantity,
                    ", told ", quantity);
  }
  if (reserve.version() && *reserve.version() != row.event_version) {
    return sentence("says version ", row.event_version, ", but the reply ", *reserve.version());
  }
  if (row.request_id != reserve.invocation->request_id && !reserve.invocation->request_id.empty()) {
    return "has another request_id";
  }
  return {};
}

void check_reply(const EventRun& event, const Reservation& reservation, const Operation& reserve,
                 bool audited, Findings& findings) {
  findings.examined();
  std::string what = misfit(reserve);
  if (what.empty() && audited) {
    what = reservation.row ? difference(*reservation.row, reserve) : "has no row";
    if (reservation.row && !what.empty()) what.insert(0, "its row ");
  }
  if (what.empty()) return;
  findings.violation(event.id(), complete_ns({&reserve}), [&] {
    return Contradiction{
        sentence("reservation ", reservation.reservation_id, " was acknowledged by ",
                 label(&reserve), " of event ", event.id(), ", but ", what),
        indices({&reserve}),
        {reservation.reservation_id}};
  });
}

/// The first reserve that was told of it; null: none was.
const Operation* told_of(const Reservation& reservation) {
  for (const Operation* operation : reservation.operations) {
    if (operation->ok(Function::reserve)) return operation;
  }
  return nullptr;
}

/// An id is of one event, except where a server counts them anew in each.
void check_one_event_each(const Run& run, Findings& findings) {
  if (run.events.size() < 2) return;
  struct Told {
    std::int64_t id;
    const EventRun* event;
    const Operation* reserve;
  };
  std::vector<Told> told;
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      if (const Operation* reserve = told_of(reservation)) {
        told.push_back({reservation.reservation_id, &event, reserve});
      }
    }
  }
  sort_by_number(told, [](const Told& each) { return each.id; });
  for (std::size_t i = 1; i < told.size(); ++i) {
    const Told &a = told[i - 1], &b = told[i];
    if (a.id != b.id) continue;
    findings.violation(b.event->id(), complete_ns({a.reserve, b.reserve}), [&] {
      return Contradiction{
          sentence(label(a.reserve), " of event ", a.event->id(), " and ", label(b.reserve),
                   " of event ", b.event->id(), " were both told of reservation ", a.id),
          indices({a.reserve, b.reserve}),
          {a.id}};
    });
  }
}

/// However often it is sent.
void check_one_each_request(const Run& run, Findings& findings) {
  std::vector<const Operation*> made;
  for (const Operation& operation : run.operations) {
    const bool named = !operation.invocation->request_id.empty();
    if (named && operation.made_reservation()) made.push_back(&operation);
  }
  const auto sent = [](const Operation* operation) {
    return std::tuple(operation->in().user_id, std::string_view(operation->invocation->request_id));
  };
  std::ranges::stable_sort(made, {}, sent);
  for (std::size_t i = 1; i < made.size(); ++i) {
    const Operation &a = *made[i - 1], &b = *made[i];
    if (sent(&a) != sent(&b) || a.reservation() == b.reservation()) continue;
    findings.violation(b.invocation->event_id, complete_ns({&a, &b}), [&] {
      return Contradiction{
          sentence(label(&a), " and ", label(&b), " sent the same request, and made reservations ",
                   a.reservation().value_or(0), " and ", b.reservation().value_or(0)),
          indices({&a, &b}),
          {a.reservation().value_or(0), b.reservation().value_or(0)}};
    });
  }
}

/// Of a row that no 201 acknowledged; where one did, X1 compares.
void check_quantity_asked_for(const EventRun& event, const Reservation& reservation,
                              Findings& findings) {
  const Operation& maker = *reservation.made->operation;
  const std::int64_t quantity = reservation.row->quantity;
  if (reservation.made->acknowledged || quantity == maker.in().quantity) return;
  findings.violation(event.id(), k_never_ns, [&] {
    return Contradiction{sentence("reservation ", reservation.reservation_id, " of event ",
                                  event.id(), " is of ", quantity, " tickets, but ", label(&maker),
                                  ", which may have made it, asked for ", maker.in().quantity),
                         indices({&maker}),
                         {reservation.reservation_id}};
  });
}

/// A refused reserve that sent this request_id, for the message about a phantom.
const Operation* refused_with(const EventRun& event, const std::string& request_id) {
  if (request_id.empty()) return nullptr;
  for (const Operation* operation : event.operations) {
    if (operation->refused(Function::reserve) && operation->invocation->request_id == request_id) {
      return operation;
    }
  }
  return nullptr;
}

}  // namespace

Findings check_x1_lost(const Run& run) {
  Findings findings("X1");
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      const Operation* maker = nullptr;
      for (const Operation* operation : reservation.operations) {
        if (!operation->ok(Function::reserve)) continue;
        check_reply(event, reservation, *operation, run.audit != nullptr, findings);
        if (maker && operation->made_reservation()) {
          findings.violation(event.id(), complete_ns({maker, operation}), [&] {
            return Contradiction{
                sentence(label(maker), " and ", label(operation),
                         " were both told that they made reservation ", reservation.reservation_id),
                indices({maker, operation}),
                {reservation.reservation_id}};
          });
        }
        if (operation->made_reservation()) maker = operation;
      }
    }
  }
  if (!run.header->ids_per_event) check_one_event_each(run, findings);
  if (!run.audit) check_one_each_request(run, findings);
  return findings;
}

Findings check_x2_phantom(const Run& run) {
  Findings findings("X2");
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations) {
      if (!reservation.row || reservation.before_run) continue;
      findings.examined();
      if (reservation.made && reservation.made->operation) {
        check_quantity_asked_for(event, reservation, findings);
        continue;
      }
      findings.violation(event.id(), k_never_ns, [&] {
        const Operation* refused = refused_with(event, reservation.row->request_id);
        return Contradiction{
            sentence("reservation ", reservation.reservation_id, " of event ", event.id(),
                     refused ? " comes from " : " comes from no operation of the run",
                     refused ? label(refused) + ", which was refused" : ""),
            indices({refused}),
            {reservation.reservation_id}};
      });
    }
  }
  return findings;
}

Findings check_x3_duplicate_request(const Run& run) {
  Findings findings("X3");
  struct Sent {
    std::size_t hash;
    const AuditedReservation* row;
  };
  std::vector<Sent> sent;
  for (const EventRun& event : run.events) {
    for (const AuditedReservation* row : event.rows) {
      if (!row->request_id.empty()) {
        sent.push_back({std::hash<std::string>{}(row->request_id), row});
      }
    }
  }
  findings.examined(static_cast<std::int64_t>(sent.size()));
  // Comparing hashes first keeps the strings, a cache miss each, out of most comparisons.
  const auto request = [](const AuditedReservation& row) {
    return std::tuple(std::string_view(row.request_id), row.user_id);
  };
  std::sort(sent.begin(), sent.end(), [&](const Sent& a, const Sent& b) {
    return a.hash < b.hash || (a.hash == b.hash && request(*a.row) < request(*b.row));
  });
  for (std::size_t i = 1; i < sent.size(); ++i) {
    const AuditedReservation &a = *sent[i - 1].row, &b = *sent[i].row;
    if (sent[i - 1].hash != sent[i].hash || request(a) != request(b)) continue;
    findings.violation(b.event_id, k_never_ns, [&] {
      return Contradiction{sentence("reservations ", a.reservation_id, " and ", b.reservation_id,
                                    " both come from the request ", a.request_id),
                           {},
                           {a.reservation_id, b.reservation_id}};
    });
  }
  return findings;
}

}  // namespace boxoffice::properties
