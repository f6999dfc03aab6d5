// See simulator.hpp: a queue of moments, each with what happens then.
#include "simulator.hpp"

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <utility>

#include "model_server.hpp"

namespace boxoffice::properties::simulation {
namespace {

constexpr std::int64_t k_epoch_us = 1'767'225'600'000'000;
constexpr std::int64_t k_tick_ns = 500;

std::vector<AuditedEvent> events_of(const Plan& plan) {
  std::vector<AuditedEvent> events;
  for (int id = 1; id <= plan.events; ++id) {
    AuditedEvent event;
    event.event_id = id;
    event.total_tickets = event.available_tickets = plan.tickets;
    events.push_back(event);
  }
  return events;
}

class Simulator {
 public:
  explicit Simulator(const Plan& plan)
      : plan_(plan), random_(plan.seed), server_(plan.hold_us, events_of(plan)) {
    drift_ppm_ = (pick(3) - 1) * 10'000;
    known_.resize(static_cast<std::size_t>(plan.users) + 1);
  }

  Simulated run() {
    Header& header = result_.history.header;
    header.run_id = "simulated";
    header.seed = plan_.seed;
    header.hold_us = plan_.hold_us;
    header.clock_slack_us = 1 + plan_.hold_us / 50;
    if (plan_.earlier_rows) sell_before_the_run();
    for (const AuditedEvent& event : server_.audit().events) {
      header.events.push_back(
          {event.event_id, event.total_tickets, event.available_tickets, event.version});
    }
    for (int client = 0; client < plan_.clients; ++client) {
      at(now_ns_ + delay(), [this] { begin(next_process_++); });
    }
    at(now_ns_ + delay(), [this] { sweep(); });
    while (!queue_.empty()) {
      const auto next = queue_.begin();
      now_ns_ = next->first;
      const auto action = std::move(next->second);
      queue_.erase(next);
      action();
    }
    result_.audit = server_.audit();
    if (plan_.earlier_rows) result_.audit.trail.reset();  // a trail is of a whole run
    return std::move(result_);
  }

 private:
  using Action = std::function<void()>;

  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
  bool chance(int percent) { return pick(100) < percent; }
  std::int64_t delay() { return k_tick_ns * pick(chance(10) ? 80 : 8); }
  void at(std::int64_t at_ns, Action action) { queue_.emplace(at_ns, std::move(action)); }
  std::int64_t now_us() const {
    return k_epoch_us + (now_ns_ + now_ns_ / 1'000'000 * drift_ppm_ +
                         now_ns_ % 1'000'000 * drift_ppm_ / 1'000'000) /
                            1000;
  }

  void sell_before_the_run() {
    for (int event = 1; event <= plan_.events; ++event) {
      for (int user = 1; user <= plan_.users; ++user) {
        const Reply reply = server_.reserve(event, user, 1, new_request(), now_us());
        if (reply.out.http != 201) continue;
        known_[static_cast<std::size_t>(user)].push_back(reply.out.reservation_id.value());
        if (chance(30)) server_.purchase(user, *reply.out.reservation_id, now_us());
        if (chance(30)) server_.cancel(user, *reply.out.reservation_id, now_us());
      }
    }
  }

  void sweep() {
    server_.sweep(1 + pick(plan_.events), static_cast<std::size_t>(1 + pick(4)), now_us());
    if (begun_ < plan_.operations) at(now_ns_ + k_tick_ns * pick(60), [this] { sweep(); });
  }

  std::string new_request() { return "request-" + std::to_string(next_request_++); }

  /// A new operation of a process, and everything that will become of it.
  void begin(std::int64_t process) {
    if (begun_++ >= plan_.operations) return;
    auto entry = std::make_shared<Entry>(draw());
    entry->process = process;
    record(*entry);
    const std::int64_t point_ns = now_ns_ + delay();
    if (chance(plan_.lost_percent)) {
      lose(entry, point_ns);
    } else if (entry->f == Function::reserve && chance(4)) {
      at(point_ns, [this, entry] { commit_then_look_up(entry); });
    } else {
      at(point_ns, [this, entry] { finish(entry, apply(*entry)); });
    }
  }

  Entry draw() {
    Entry entry;
    const int user = 1 + pick(plan_.users);
    const auto& known = known_[static_cast<std::size_t>(chance(95) ? user : 1 + pick(plan_.users))];
    entry.event_id = 1 + pick(plan_.events);
    entry.in.user_id = user;
    const int kind = pick(100);
    if (kind < 20 || (kind >= 60 && known.empty())) {
      entry.f = Function::read;
      return entry;
    }
    if (kind < 60) {
      entry.f = Function::reserve;
      entry.in.quantity = 1 + pick(plan_.quantity_max);
      entry.request_id = new_request();
      if (!lost_.empty() && chance(50)) {  // sent again: the same user, the same request
        entry = lost_[static_cast<std::size_t>(pick(static_cast<int>(lost_.size())))];
      }
      return entry;
    }
    entry.f = kind < 80 ? Function::cancel : Function::purchase;
    const std::size_t recent = known.size() - 1;
    const auto back = static_cast<std::size_t>(pick(4));
    entry.in.reservation_id = known[recent < back ? 0 : recent - back];
    for (const AuditedReservation& row : server_.audit().reservations) {
      if (row.reservation_id == entry.in.reservation_id) entry.event_id = row.event_id;
    }
    entry.request_id = new_request();
    return entry;
  }

  Reply apply(const Entry& entry) {
    const Input& in = entry.in;
    switch (entry.f) {
      case Function::reserve:
        return server_.reserve(entry.event_id, in.user_id, in.quantity, entry.request_id, now_us());
      case Function::purchase:
        return server_.purchase(in.user_id, in.reservation_id, now_us());
      case Function::cancel:
        return server_.cancel(in.user_id, in.reservation_id, now_us());
      case Function::read:
        break;
    }
    return server_.read(entry.event_id);
  }

  /// The reserve took effect now, its COMMIT was lost, and it is looked up again a little later.
  void commit_then_look_up(const std::shared_ptr<Entry>& entry) {
    const Reply reply = apply(*entry);
    if (reply.out.http != 201) return finish(entry, reply);
    at(now_ns_ + delay(), [this, entry] { finish(entry, server_.look_up(entry->request_id)); });
  }

  void finish(const std::shared_ptr<Entry>& entry, const Reply& reply) {
    Entry done = *entry;
    done.type = reply.type;
    done.out = reply.out;
    done.error = reply.error;
    at(std::max(now_ns_ + delay(), entry->t_ns + 1), [this, done]() mutable {
      if (done.type == EntryType::ok && done.f == Function::reserve) {
        known_[static_cast<std::size_t>(done.in.user_id)].push_back(*done.out.reservation_id);
      }
      record(done);
      at(now_ns_ + (chance(30) ? 0 : delay()), [this, process = done.process] { begin(process); });
    });
  }

  /// The client never hears of it: it gives up (info) or dies; the operation may still take effect.
  void lose(const std::shared_ptr<Entry>& entry, std::int64_t point_ns) {
    if (chance(60))
      at(point_ns + (chance(30) ? 40 * delay() : 0), [this, entry] { apply(*entry); });
    at(now_ns_ + 1 + delay(), [this, entry] {
      if (chance(70) || !plan_.unfinished) {
        Entry done = *entry;
        done.type = EntryType::info;
        done.error = {"timeout", 0, "receive"};
        record(done);
      }
      if (entry->f == Function::reserve) lost_.push_back(*entry);
      at(now_ns_ + delay(), [this] { begin(next_process_++); });
    });
  }

  void record(Entry& entry) {
    entry.index = next_index_++;
    entry.t_ns = entry.t_sched_ns = now_ns_;
    result_.history.entries.push_back(entry);
  }

  Plan plan_;
  std::mt19937_64 random_;
  ModelServer server_;
  Simulated result_;
  std::multimap<std::int64_t, Action> queue_;
  std::vector<std::vector<std::int64_t>> known_;  // reservations by user
  std::vector<Entry> lost_;
  std::int64_t now_ns_ = 1'000'000;
  std::int64_t drift_ppm_ = 0;
  std::int64_t next_index_ = 0;
  std::int64_t next_process_ = 0;
  std::int64_t next_request_ = 0;
  int begun_ = 0;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  return out << "seed " << plan.seed << ", " << plan.events << " events of " << plan.tickets << ", "
             << plan.clients << " clients, " << plan.users << " users, " << plan.operations
             << " operations of at most " << plan.quantity_max << " tickets, hold " << plan.hold_us
             << " us, lost " << plan.lost_percent << "%, earlier rows " << plan.earlier_rows;
}

Simulated simulate(const Plan& plan) {
  return Simulator(plan).run();
}

}  // namespace boxoffice::properties::simulation
