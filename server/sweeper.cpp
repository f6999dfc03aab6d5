// A pass asks which events have holds that are over, and empties them one after the other in
// batches of at most k_release_batch, so that no event's row is locked for long. Where somebody
// holds an event's row the pass goes on to the next: or one stuck session would keep every event
// with a higher id from being swept, for as long as it is stuck. A pass that fails is told so, and
// keeps nothing from being done that comes after it: the identity is looked at, what is old is
// forgotten.
#include "server/sweeper.hpp"

#include "server/log.hpp"
#include "strategies/accounts.hpp"
#include "strategies/idempotency.hpp"
#include "strategies/sweep.hpp"

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_events_a_look = 1000;

/// Leads until the end of its scope. Where the lock cannot be given back the session goes with it.
class Leadership {
 public:
  explicit Leadership(strategies::Connection& connection)
      : connection_(connection), leads_(strategies::try_lead(connection)) {}
  Leadership(const Leadership&) = delete;
  Leadership& operator=(const Leadership&) = delete;
  ~Leadership() {
    if (!leads_) return;
    try {
      strategies::stop_leading(connection_);
    } catch (const std::exception&) {
      connection_.drop();
    }
  }
  bool leads() const { return leads_; }

 private:
  strategies::Connection& connection_;
  bool leads_;
};

}  // namespace

Sweeper::Sweeper(const strategies::Strategy& strategy, Executor::Connect connect, Duration interval)
    : strategy_(strategy), connect_(std::move(connect)), interval_(interval) {}

void Sweeper::start() {
  connection_ = connect_();
  thread_ = std::thread([this] { work(); });
}

void Sweeper::stop() {
  Job* refused = nullptr;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::swap(refused, asked_);
  }
  wake_.notify_one();
  if (refused != nullptr) refused->refuse(Refused::shutting_down);
  if (thread_.joinable()) thread_.join();
}

void Sweeper::submit(Job& job) {
  auto why = Refused::sweep_running;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && !busy_ && asked_ == nullptr) {
      asked_ = &job;
      wake_.notify_one();
      return;
    }
    if (stopping_) why = Refused::shutting_down;
  }
  job.refuse(why);
}

void Sweeper::work() {
  const auto wanted = [this] { return stopping_ || asked_ != nullptr; };
  const bool by_itself = interval_.count() > 0;
  auto next_pass = Clock::now() + interval_;  // which sweeps that are asked for do not put off
  std::unique_lock lock(mutex_);
  for (;;) {
    if (by_itself) {
      wake_.wait_until(lock, next_pass, wanted);
    } else {
      wake_.wait(lock, wanted);
    }
    if (stopping_) return;
    const bool is_due = by_itself && Clock::now() >= next_pass;
    Job* const job = std::exchange(asked_, nullptr);
    busy_ = true;
    lock.unlock();
    if (job != nullptr && !is_due) {
      job->run(*connection_);
    } else {
      if (job != nullptr)
        job->refuse(Refused::sweep_running);  // a pass may take longer than it can wait
      background_pass();
    }
    lock.lock();
    busy_ = false;  // whoever asks from now on gets a pass: the next one
    lock.unlock();
    prune();
    if (is_due) next_pass = Clock::now() + interval_;
    lock.lock();
  }
}

void Sweeper::background_pass() {
  try {
    const auto released = sweep(*connection_);
    if (!released) return;
    if (released->reservations > 0) {
      log::write(log::Level::info, "Sweep",
                 [&](JsonWriter& json) { json.field("released", released->reservations); });
    }
  } catch (const std::exception& error) {
    log::write(log::Level::warn, "Sweep failed",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
}

bool Sweeper::is_wanted() {
  const std::lock_guard lock(mutex_);
  return stopping_ || asked_ != nullptr;
}

/// What is a day old, after each pass that was led, asked for or not. The lead is given up already:
/// two instances may be at it, and each row goes once.
void Sweeper::prune() {
  if (!std::exchange(led_, false)) return;
  try {
    for (const auto forget_some : {&strategies::prune_keys, &strategies::prune_tokens}) {
      while (!is_wanted() && forget_some(*connection_) == strategies::k_prune_batch) {
      }
    }
  } catch (const std::exception& error) {
    log::write(log::Level::warn, "Pruning failed",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
}

std::optional<std::int64_t> Sweeper::pass(strategies::Connection& connection) {
  const auto released = sweep(connection);
  if (!released) return std::nullopt;
  if (released->failure) throw *released->failure;
  return released->reservations;
}

std::optional<Sweeper::Released> Sweeper::sweep(strategies::Connection& connection) {
  try {
    const Leadership leadership(connection);
    if (!leadership.leads()) {
      counts_.led_by_another.add();
      return std::nullopt;
    }
    led_ = true;
    auto released = release_all(connection);
    if (stopping_) return released;
    if (released.failure) {
      counts_.failed.add();
    } else {
      note_success();
    }
    identity_.look(connection);
    return released;
  } catch (...) {
    counts_.failed.add();
    throw;
  }
}

void Sweeper::note_success() {
  counts_.last_success = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  counts_.succeeded.add();
}

Sweeper::Released Sweeper::release_all(strategies::Connection& connection) {
  Released released;
  try {
    release_each(connection, released);
  } catch (const strategies::Failure& failure) {
    log::write(log::Level::warn, "Sweep failed",
               [&](JsonWriter& json) { json.field("what", failure.what()); });
    released.failure = failure;
  }
  return released;
}

/// Each event once, in the order of their ids. What is over only afterwards is the next pass's.
void Sweeper::release_each(strategies::Connection& connection, Released& released) {
  strategies::EventId last{0};
  for (;;) {
    const auto events = strategies::events_with_expired_holds(connection, last, k_events_a_look);
    for (const auto event : events) try_event(connection, event, released);
    if (stopping_ || std::ssize(events) < k_events_a_look) return;
    last = events.back();
  }
}

/// Where the database itself is in trouble, so is the next event.
void Sweeper::try_event(strategies::Connection& connection, strategies::EventId event,
                        Released& released) {
  using enum strategies::FailureCode;
  try {
    release_event(connection, event, released);
  } catch (const strategies::Failure& failure) {
    const auto code = failure.code();
    if (code == database_unavailable || code == no_space || code == commit_unknown) throw;
    log::write(log::Level::warn, "Sweep failed", [&](JsonWriter& json) {
      json.field("event_id", event.value);
      json.field("what", failure.what());
    });
    if (!released.failure) released.failure = failure;
  }
}

void Sweeper::release_event(strategies::Connection& connection, strategies::EventId event,
                            Released& released) {
  while (!stopping_) {
    const auto batch = strategy_.release_expired(connection, event);
    if (batch.has_error()) return;  // the event is gone
    released.reservations += batch->reservations;
    if (batch->reservations < strategies::k_release_batch) return;
  }
}

}  // namespace boxoffice::server
