#include "tests/strategies/concurrent_caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "strategies/failure.hpp"

namespace boxoffice::tests {

using namespace strategies;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::int64_t now_ns() {
  return Clock::now().time_since_epoch().count();
}

void say(properties::Entry& entry, const Reservation& reservation) {
  entry.out.reservation_id = reservation.id.value;
  entry.out.user_id = reservation.user_id.value;
  entry.out.quantity = reservation.quantity;
  entry.out.status = static_cast<properties::ReservationStatus>(reservation.status);
  entry.out.expires_us = reservation.expires_at.time_since_epoch().count();
}

void say(properties::Entry& entry, const EventNumbers& numbers) {
  entry.out.available = numbers.available_tickets;
  entry.out.version = numbers.version.value;
}

// As the server answers it (server/problem.cpp): a judge goes by it where it says "not there".
int status_of(RefusalCode code) {
  if (code == RefusalCode::event_not_found || code == RefusalCode::reservation_not_found)
    return 404;
  return code == RefusalCode::reservation_expired ? 410 : 409;
}

}  // namespace

std::string Stage::new_request_id() {
  return fmt::format("00000000-0000-4000-8000-{:012x}", first_request + next_request_++);
}

void Stage::made(ReservationId id) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::count(holds_, id) == 0) holds_.push_back(id);
  last_made_ = Clock::now();
}

std::optional<ReservationId> Stage::hold_number(std::size_t number) {
  const std::lock_guard lock(mutex_);
  return number < holds_.size() ? std::optional(holds_[number]) : std::nullopt;
}

void Stage::outlast_all() {
  const auto last_made = [&] {
    const std::lock_guard lock(mutex_);
    return last_made_;
  };
  std::this_thread::sleep_until(last_made() + hold + 1ms);
}

void Caller::run(const std::vector<PlannedCall>& calls) {
  for (const PlannedCall& call : calls) {
    if (call.lost_commit) {
      make_losing_commit(call);
    } else {
      make(call, *seat_.connection);
    }
  }
}

// A call that does not commit, a refused one say, loses nothing.
void Caller::make_losing_commit(const PlannedCall& call) {
  LossyWay& way = seat_.lossy.value();
  way.proxy->lose_commits(true, way.wire);
  make(call, *way.connection);
  way.proxy->lose_commits(false, way.wire);
}

std::optional<ReservationId> Caller::hold_of(const PlannedCall& call) const {
  if (call.anyones) return stage_.hold_number(call.number);
  return call.number < holds_.size() ? std::optional(holds_[call.number]) : std::nullopt;
}

void Caller::make(const PlannedCall& call, Connection& connection) {
  switch (call.kind) {
    case CallKind::reserve:
      reserves_.push_back(
          {stage_.event, seat_.user, call.quantity, stage_.new_request_id(), stage_.hold});
      return reserve(reserves_.back(), connection);
    case CallKind::repeat:
      if (call.number < reserves_.size()) reserve(reserves_[call.number], connection);
      return;
    case CallKind::purchase:
      if (const auto id = hold_of(call)) purchase(*id, connection);
      return;
    case CallKind::cancel:
      if (const auto id = hold_of(call)) cancel(*id, connection);
      return;
    case CallKind::sweep:
      return sweep(connection);
    case CallKind::outlast:
      return stage_.outlast_all();
  }
}

// A sweep has no client: what it did is read from the rows.
void Caller::sweep(Connection& connection) {
  try {
    (void)server_.release_expired(connection, stage_.event);
  } catch (const std::exception&) {  // it may have happened, as any expiry
  }
}

properties::Entry Caller::begin(properties::Function f, std::int64_t quantity, ReservationId id,
                                const std::string& request_id) {
  properties::Entry entry;
  entry.process = process_;
  entry.f = f;
  entry.event_id = stage_.event.value;
  entry.request_id = request_id;
  entry.in = {seat_.user.value, quantity, id.value};
  entry.t_ns = entry.t_sched_ns = now_ns();
  entries_.push_back(entry);
  return entry;
}

// Calls, and records what came back: a reply, a refusal, a failure that changed nothing, or one of
// which nobody knows.
template <class Call, class OnReply>
void Caller::record(properties::Entry entry, Call call, OnReply on_reply) {
  using properties::EntryType;
  try {
    const auto result = call();
    entry.type = result ? EntryType::ok : EntryType::fail;
    entry.out.http = result ? 200 : status_of(result.error().code);
    if (result) {
      on_reply(entry, *result);
    } else {
      entry.error = {std::string(to_string(result.error().code)), entry.out.http, ""};
      if (result.error().event) say(entry, *result.error().event);
    }
  } catch (const Failure& failure) {
    const bool unknown = failure.code() == FailureCode::commit_unknown;
    entry.type = unknown ? EntryType::info : EntryType::fail;
    entry.error = {std::string(to_string(failure.code())), 503, ""};
  } catch (const std::exception& error) {
    entry.type = EntryType::info;
    entry.error = {error.what(), 500, ""};
  }
  entry.t_ns = now_ns();
  if (entry.type == EntryType::info) process_ += k_threads_max;  // goes on as another client
  entries_.push_back(std::move(entry));
}

void Caller::reserve(const ReserveCommand& command, Connection& connection) {
  record(
      begin(properties::Function::reserve, command.quantity, ReservationId{}, command.request_id),
      [&] { return server_.reserve(connection, command); },
      [&](properties::Entry& entry, const ReserveReply& reply) {
        entry.out.http = reply.created ? 201 : 200;
        say(entry, reply.reservation);
        say(entry, reply.event);
        holds_.push_back(reply.reservation.id);
        stage_.made(reply.reservation.id);
      });
}

void Caller::purchase(ReservationId id, Connection& connection) {
  record(
      begin(properties::Function::purchase, 0, id, ""),
      [&] {
        return server_.purchase(connection, {id, seat_.user});
      },
      [](properties::Entry& entry, const PurchaseReply& reply) { say(entry, reply.reservation); });
}

void Caller::cancel(ReservationId id, Connection& connection) {
  record(
      begin(properties::Function::cancel, 0, id, ""),
      [&] {
        return server_.cancel(connection, {id, seat_.user});
      },
      [](properties::Entry& entry, const CancelReply& reply) {
        say(entry, reply.reservation);
        say(entry, reply.event);
      });
}

}  // namespace boxoffice::tests
