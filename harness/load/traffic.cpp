// See traffic.hpp. Every decision draws the same numbers in the same order, used or not, so that a
// draw never shifts the meaning of the next one.
#include "harness/load/traffic.hpp"

#include <algorithm>
#include <cmath>

#include "harness/load/seeded.hpp"

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;

/// A client that never closes its holds must not grow for ever; the oldest have expired long ago.
constexpr std::size_t k_holds_max = 256;

}  // namespace

EventChoice::EventChoice(const Skew& skew, std::size_t events) : events_(events) {
  if (skew.kind == SkewKind::uniform || events < 2) return;
  const std::size_t hot = std::clamp<std::size_t>(skew.hot_events, 1, events);
  double sum = 0;
  for (std::size_t i = 0; i < events; ++i) {
    if (skew.kind == SkewKind::zipf) {
      sum += 1.0 / std::pow(static_cast<double>(i + 1), skew.theta);
    } else if (i < hot) {
      sum += (hot == events ? 1.0 : skew.hot_share) / static_cast<double>(hot);
    } else {
      sum += (1.0 - skew.hot_share) / static_cast<double>(events - hot);
    }
    cumulative_.push_back(sum);
  }
}

std::size_t EventChoice::pick(double unit) const {
  if (cumulative_.empty()) {
    const auto place = static_cast<std::size_t>(unit * static_cast<double>(events_));
    return std::min(place, events_ - 1);
  }
  const auto found = std::ranges::upper_bound(cumulative_, unit * cumulative_.back());
  return std::min(static_cast<std::size_t>(found - cumulative_.begin()), events_ - 1);
}

Traffic::Traffic(const LoadPlan& plan, std::size_t first, std::size_t stride,
                 std::atomic<std::int64_t>& next_process)
    : plan_(plan),
      events_(plan.skew, plan.events.size()),
      next_process_(next_process),
      keeps_holds_(plan.mix.purchase > 0 || plan.mix.cancel > 0 || plan.mix.stranger > 0) {
  for (std::size_t number = first; number < plan.connections; number += stride) {
    Client client;
    client.number = number;
    client.process = static_cast<std::int64_t>(number);
    if (plan.purchases_max)
      client.purchases_max = *plan.purchases_max / plan.connections +
                             (number < *plan.purchases_max % plan.connections ? 1 : 0);
    clients_.push_back(std::move(client));
  }
}

Traffic::Choice Traffic::choose(double unit, const Client& client) const {
  const Mix& mix = plan_.mix;
  double rest = unit * mix.sum();
  const bool can_close = !client.holds.empty();
  const Choice instead = mix.reserve > 0 ? Choice::reserve : Choice::read;
  if ((rest -= mix.reserve) < 0) return Choice::reserve;
  if ((rest -= mix.purchase) < 0) {
    if (!can_close) return instead;
    if (client.purchases < client.purchases_max) return Choice::purchase;
    return mix.cancel > 0 ? Choice::cancel : instead;
  }
  if ((rest -= mix.cancel) < 0) return can_close ? Choice::cancel : instead;
  if ((rest -= mix.stranger) < 0)
    return can_close && plan_.users.size() > 1 ? Choice::stranger : instead;
  if ((rest -= mix.repeat) < 0) return client.last_reserve ? Choice::repeat : instead;
  return Choice::read;
}

std::size_t Traffic::user_of(const Client& client) const {
  const std::size_t users = plan_.users.size();
  if (client.number >= users) return users == 0 ? 0 : client.number % users;
  return client.number + (client.user_turns % users_of(client)) * plan_.connections;
}

// Connection n has the users n, n + connections, ...: its own ones, as many as there are.
std::size_t Traffic::users_of(const Client& client) const {
  return (plan_.users.size() - client.number - 1) / plan_.connections + 1;
}

std::size_t Traffic::user_rounds() const {
  std::size_t rounds = 0;
  for (const Client& client : clients_) rounds = std::max(rounds, client.user_turns + 1);
  return rounds;
}

bool Traffic::all_left(std::size_t connection) const {
  const Client& client = clients_[connection];
  return plan_.user_choice == UserChoice::leave && client.user_turns >= users_of(client);
}

const Operation& Traffic::next(std::size_t connection) {
  Client& client = clients_[connection];
  Operation& operation = client.current;
  Seeded seeded(plan_.seed, client.number, client.decisions++);
  const Choice choice = choose(seeded.next_unit(), client);
  operation.f = choice == Choice::read ? Function::read : Function::reserve;
  operation.event = plan_.events.empty() ? 0 : events_.pick(seeded.next_unit());
  operation.event_id = plan_.events.empty() ? 0 : plan_.events[operation.event];
  const std::uint64_t quantity = seeded.next_below(static_cast<std::uint64_t>(plan_.quantity_max));
  const std::uint64_t hold_draw = seeded.next();
  operation.user = user_of(client);
  operation.reservation_id = 0;
  operation.quantity = 0;
  operation.request_id.clear();
  operation.repeated = false;
  if (choice == Choice::read) return operation;
  if (choice == Choice::repeat) {
    operation = *client.last_reserve;
    operation.repeated = true;
    return operation;
  }
  Seeded id_source(seeded.next(), plan_.request_id_salt, 0);
  write_uuid(id_source, operation.request_id);
  if (choice == Choice::reserve) {
    operation.quantity = static_cast<std::int64_t>(quantity) + 1;
  } else {
    close(operation, choice, client.holds[hold_draw % client.holds.size()], seeded.next());
    client.purchases += choice == Choice::purchase;
  }
  return operation;
}

void Traffic::close(Operation& operation, Choice choice, const Hold& hold,
                    std::uint64_t draw) const {
  operation.f = choice == Choice::purchase ? Function::purchase : Function::cancel;
  operation.event_id = hold.event_id;
  operation.user = hold.user;
  operation.reservation_id = hold.reservation_id;
  if (choice != Choice::stranger) return;
  const std::size_t others = plan_.users.size() - 1;
  operation.user = (hold.user + 1 + draw / 2 % others) % plan_.users.size();
  const bool only_one = plan_.mix.purchase == 0 || plan_.mix.cancel == 0;
  if (only_one ? plan_.mix.cancel == 0 : draw % 2 == 0) operation.f = Function::purchase;
}

void Traffic::forget_holds_of(Client& client, std::size_t user) const {
  std::erase_if(client.holds, [user](const Hold& hold) { return hold.user == user; });
}

void Traffic::finished(std::size_t connection, EntryType type, const properties::Output& out) {
  Client& client = clients_[connection];
  const Operation& operation = client.current;
  if (operation.f == Function::read) return;
  if (operation.f == Function::reserve) finished_reserve(client, type, out);
  if (type == EntryType::info) {
    forget_holds_of(client, operation.user);
    client.process = next_process_++;
    if (plan_.user_choice != UserChoice::leave) ++client.user_turns;
    return;
  }
  if (operation.f == Function::reserve) return;
  const auto is_it = [&](const Hold& hold) {
    return hold.reservation_id == operation.reservation_id;
  };
  // Closed, or known to be closed by someone else (expired, already cancelled). A server that was
  // merely overloaded changed nothing, nor did a stranger: the hold is still there.
  const auto hold = std::ranges::find_if(client.holds, is_it);
  const bool of_stranger = hold != client.holds.end() && hold->user != operation.user;
  const bool rejected = !of_stranger && (out.http == 404 || out.http == 409 || out.http == 410);
  if (type == EntryType::ok || rejected) std::erase_if(client.holds, is_it);
}

void Traffic::finished_reserve(Client& client, EntryType type,
                               const properties::Output& out) const {
  const Operation& operation = client.current;
  if (type == EntryType::info) {
    if (plan_.repeats_lost)
      client.last_reserve.emplace(operation);
    else
      client.last_reserve.reset();
    return;
  }
  // "Too many requests" is no answer: who wants a ticket asks again.
  const bool refused =
      type == EntryType::fail && out.http >= 400 && out.http < 500 && out.http != 429;
  if (plan_.user_choice == UserChoice::leave && refused) ++client.user_turns;
  if (type != EntryType::ok || !out.reservation_id) return;
  if (plan_.mix.repeat > 0) client.last_reserve = operation;
  const bool alive = out.status.value_or(properties::ReservationStatus::reserved) ==
                     properties::ReservationStatus::reserved;
  if (keeps_holds_ && alive) {
    // The idempotent 200 names a hold that is known already.
    const bool known = std::ranges::any_of(
        client.holds, [&](const Hold& hold) { return hold.reservation_id == *out.reservation_id; });
    if (!known) {
      if (client.holds.size() == k_holds_max) client.holds.erase(client.holds.begin());
      client.holds.push_back({*out.reservation_id, operation.event_id, operation.user});
    }
  }
  if (plan_.user_choice != UserChoice::stay && !operation.repeated) ++client.user_turns;
}

}  // namespace boxoffice::load
