// Corruptions of what the clients are told, with the rows that follow from it. The table at the end
// is the list.
#include <algorithm>
#include <utility>

#include "corruption_parts.hpp"
#include "corruptions.hpp"

namespace boxoffice::properties::simulation {
namespace {

bool append_success(Simulated& run, Random& random, ReservationStatus after, Function f) {
  const Row* row = choose_row(run, random, [&](const Row& r) { return r.status == after; });
  if (!row) return false;
  Output out;
  out.http = 200;
  out.reservation_id = row->reservation_id;
  append(run, aimed_at(*row, f), EntryType::ok, out, {});
  return true;
}

bool purchase_after_cancel(Simulated& run, Random& random) {
  return append_success(run, random, ReservationStatus::cancelled, Function::purchase);
}
bool purchase_after_expiry(Simulated& run, Random& random) {
  return append_success(run, random, ReservationStatus::expired, Function::purchase);
}
bool cancel_after_purchase(Simulated& run, Random& random) {
  return append_success(run, random, ReservationStatus::purchased, Function::cancel);
}
bool cancel_twice(Simulated& run, Random& random) {
  const auto cancel =
      choose_pair(run, random, [](const Pair& p) { return p.is(Function::cancel, EntryType::ok); });
  if (!cancel) return false;
  append(run, *cancel->call, EntryType::ok, cancel->reply->out, {});
  return true;
}

bool own_reservation_not_found(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [](const Pair& p) { return p.made(); });
  if (!made) return false;
  append(run, aimed_at(*row_of(run, *made), Function::purchase), EntryType::fail, {},
         {"reservation_not_found", 404, ""});
  return true;
}

bool duplicate_version(Simulated& run, Random& random) {
  const auto late = choose_pair(run, random, [&](const Pair& p) {
    return p.mutates() && p.version() > first_version(run, p.reply->event_id) + 1;
  });
  if (!late) return false;
  late->reply->out.version = late->version() - 1;
  Row* row = row_of(run, *late);
  (late->made() ? row->event_version : *row->closed_event_version) -= 1;
  return true;
}

/// Two reserves read the same state and write back: the second overwrites the first's change.
bool lose_update(Simulated& run, Random& random) {
  std::vector<Pair> all = pairs(run);
  std::optional<Pair> first, second;
  for (const Pair& a : all) {
    for (const Pair& b : all) {
      const bool next = a.made() && b.made() && a.reply->event_id == b.reply->event_id &&
                        b.version() == a.version() + 1;
      if (next && (!first || random() % 2 == 0)) first = a, second = b;
    }
  }
  if (!first) return false;
  const std::int64_t event_id = first->reply->event_id, lost = first->version();
  const std::int64_t tickets = first->reply->in.quantity;
  for (const Pair& pair : all) {
    if (pair.reply->event_id != event_id || pair.version() <= lost) continue;
    *pair.reply->out.version -= 1;
    *pair.reply->out.available += tickets;
  }
  for (Row& row : run.audit.reservations) {
    if (row.event_id != event_id) continue;
    if (row.event_version > lost) row.event_version -= 1;
    if (row.closed_event_version.value_or(0) > lost) *row.closed_event_version -= 1;
  }
  AuditedEvent& event = event_of(run, event_id);
  event.available_tickets += tickets;
  event.version -= 1;
  event.get_available = event.available_tickets;
  event.get_version = event.version;
  return true;
}

bool shift_availability(Simulated& run, Random& random) {
  const auto reply =
      choose_pair(run, random, [](const Pair& p) { return p.reply->out.available.has_value(); });
  if (!reply) return false;
  *reply->reply->out.available += random() % 2 == 0 ? 1 : -1;
  return true;
}

bool swap_reads(Simulated& run, Random& random) {
  std::vector<Pair> reads = pairs(run);
  std::erase_if(reads, [](const Pair& p) { return !p.is(Function::read, EntryType::ok); });
  std::shuffle(reads.begin(), reads.end(), random);
  for (const Pair& a : reads) {
    for (const Pair& b : reads) {
      if (a.reply->event_id != b.reply->event_id || a.reply->t_ns >= b.call->t_ns) continue;
      if (a.version() == b.version()) continue;
      std::swap(a.reply->out, b.reply->out);
      return true;
    }
  }
  return false;
}

/// A read that was sent after a change was acknowledged, and does not show it.
bool stale_read(Simulated& run, Random& random) {
  std::vector<Pair> all = pairs(run);
  std::shuffle(all.begin(), all.end(), random);
  for (const Pair& change : all) {
    if (!change.mutates()) continue;
    for (const Pair& read : all) {
      if (!read.is(Function::read, EntryType::ok)) continue;
      if (read.reply->event_id != change.reply->event_id) continue;
      if (change.reply->t_ns >= read.call->t_ns) continue;
      const std::int64_t quantity = *change.reply->out.quantity;
      read.reply->out.version = change.version() - 1;
      read.reply->out.available =
          *change.reply->out.available + (change.made() ? quantity : -quantity);
      return true;
    }
  }
  return false;
}

bool sold_out_while_available(Simulated& run, Random& random) {
  const auto read = choose_pair(run, random, [](const Pair& p) {
    return p.is(Function::read, EntryType::ok) && *p.reply->out.available > 0;
  });
  if (!read) return false;
  for (Entry* entry : {read->call, read->reply}) {
    entry->f = Function::reserve;
    entry->in.quantity = *read->reply->out.available;
    entry->request_id = "refused";
  }
  read->reply->type = EntryType::fail;
  read->reply->error = {"sold_out", 409, ""};
  return true;
}

/// The user's hold is found at the version at which it ended.
bool find_closed_hold(Simulated& run, Random& random) {
  const auto cancel =
      choose_pair(run, random, [](const Pair& p) { return p.is(Function::cancel, EntryType::ok); });
  if (!cancel) return false;
  Entry entry = aimed_at(*row_of(run, *cancel), Function::reserve);
  entry.in.reservation_id = 0;
  entry.in.quantity = 1;
  entry.request_id = "found";
  Output out = cancel->reply->out;
  out.status = ReservationStatus::reserved;
  append(run, entry, EntryType::ok, out, {});
  return true;
}

bool refused_but_reserved(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [](const Pair& p) { return p.made(); });
  if (!made) return false;
  const std::int64_t id = *made->reply->out.reservation_id;
  for (const Pair& pair : pairs(run)) {  // nobody else may know of it, or may have made it
    const bool names = pair.reply->out.reservation_id == id || pair.call->in.reservation_id == id;
    const bool resent = pair.call->request_id == made->call->request_id;
    if ((names || resent) && pair.call != made->call) return false;
  }
  for (const Entry& entry : run.history.entries) {
    if (entry.request_id == made->call->request_id && entry.index < made->call->index) return false;
  }
  made->reply->type = EntryType::fail;
  made->reply->out = {};
  made->reply->error = {"overloaded", 503, ""};
  return true;
}

bool answer_for_another(Simulated& run, Random& random) {
  const auto reply =
      choose_pair(run, random, [](const Pair& p) { return p.reply->out.user_id.has_value(); });
  if (!reply) return false;
  *reply->reply->out.user_id += 1;
  return true;
}

/// A purchase or cancel that did what it was asked for and names another of the user's
/// reservations.
bool answers_with_another_id(Simulated& run, Random& random) {
  const auto reply = choose_pair(run, random, [](const Pair& p) {
    const bool ends =
        p.is(Function::purchase, EntryType::ok) || p.is(Function::cancel, EntryType::ok);
    return ends && p.reply->out.reservation_id.has_value();
  });
  if (!reply) return false;
  const Row* other = choose_row(run, random, [&](const Row& row) {
    return row.user_id == reply->call->in.user_id &&
           row.reservation_id != reply->call->in.reservation_id;
  });
  *reply->reply->out.reservation_id =
      other ? other->reservation_id : reply->call->in.reservation_id + 1'000'000;
  return true;
}

/// An insert that did nothing, acknowledged with the id that the database did not give.
bool acknowledge_with_id_zero(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [](const Pair& p) { return p.made(); });
  if (!made) return false;
  Row* row = row_of(run, *made);
  if (row->status != ReservationStatus::reserved) return false;
  std::erase_if(run.audit.reservations, [id = row->reservation_id](const Row& other) {
    return other.reservation_id == id;
  });
  made->reply->out.reservation_id = 0;
  return true;
}

constexpr Corruption k_of_replies[] = {
    {"purchase_after_cancel", purchase_after_cancel},
    {"purchase_after_expiry", purchase_after_expiry},
    {"cancel_after_purchase", cancel_after_purchase},
    {"cancel_twice", cancel_twice},
    {"own_reservation_not_found", own_reservation_not_found},
    {"duplicate_version", duplicate_version},
    {"lose_update", lose_update},
    {"shift_availability", shift_availability},
    {"swap_reads", swap_reads},
    {"stale_read", stale_read},
    {"sold_out_while_available", sold_out_while_available},
    {"find_closed_hold", find_closed_hold},
    {"refused_but_reserved", refused_but_reserved},
    {"answer_for_another", answer_for_another},
    {"answers_with_another_id", answers_with_another_id},
    {"acknowledge_with_id_zero", acknowledge_with_id_zero},
};

}  // namespace

std::span<const Corruption> reply_corruptions() {
  return k_of_replies;
}

}  // namespace boxoffice::properties::simulation
