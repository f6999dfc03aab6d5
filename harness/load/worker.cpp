// See worker.hpp.
#include "harness/load/worker.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "harness/load/clock.hpp"

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;

constexpr std::int64_t k_tick_ns = 100'000'000;  // recording is flushed, stops are noticed
constexpr int k_burst = 64;                      // requests sent before replies are looked at again

/// What the thread has used and waited for so far.
struct ThreadClock {
  std::int64_t wall_ns = now_ns();
  std::int64_t cpu_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
  std::int64_t waited_ns = 0;

  ThreadClock() {
    // Time on the processor, time runnable but waiting for one, both in ns; absent in some kernels.
    std::ifstream file("/proc/thread-self/schedstat");
    std::int64_t ran_ns = 0;
    if (!(file >> ran_ns >> waited_ns)) waited_ns = 0;
  }
};

ThreadLoad load_between(const ThreadClock& from, const ThreadClock& to) {
  const auto wall = static_cast<double>(std::max<std::int64_t>(1, to.wall_ns - from.wall_ns));
  return {static_cast<double>(to.cpu_ns - from.cpu_ns) / wall,
          static_cast<double>(to.waited_ns - from.waited_ns) / wall};
}

PacerOptions pacer_options(const LoadPlan& plan, std::size_t thread) {
  return {.connections = (plan.connections - thread - 1) / plan.threads + 1,
          .rate_per_s = plan.rate_per_s,
          .stages = plan.stages,
          .thread = thread,
          .threads = plan.threads,
          .think_ns = plan.think.count()};
}

}  // namespace

Worker::Worker(const LoadPlan& plan, RunState& state, std::size_t thread)
    : plan_(plan),
      state_(state),
      pacer_(pacer_options(plan, thread)),
      traffic_(plan, thread, plan.threads, state.next_process),
      client_(make_client(plan.targets(), pacer_options(plan, thread).connections * instances(),
                          plan.timeout, plan.adapter.headers, plan.ca)),
      lane_(state.recorder),
      tally_(std::chrono::nanoseconds(plan.timeseries_step).count(),
             std::chrono::nanoseconds(plan.lag_bound).count(), plan.stages),
      reader_(plan.adapter, plan.reservation_texts.get()),
      on_done_([this](std::size_t socket, const Exchange& exchange) {
        complete(socket / instances(), exchange);
      }),
      current_(pacer_options(plan, thread).connections) {
  // The thread's connections are thread, thread + threads, ... of the plan's: they begin in turn.
  for (std::size_t i = 0; i < current_.size(); ++i)
    turn_.push_back((thread + i * plan.threads) % instances());
}

void Worker::run(MeetingPoint& meeting) {
  if (plan_.warmup.count() > 0) {
    const std::int64_t begin = now_ns();
    run_window(begin, begin + plan_.warmup.count());
    drain();
  }
  meeting.arrive_and_wait();
  const std::int64_t t0 = state_.t0_ns;
  tally_.begin_measuring(t0);
  const ThreadClock before;
  run_window(t0, t0 + plan_.window_max().count());
  thread_load_ = load_between(before, ThreadClock());
  const std::int64_t until_ns = std::min(state_.window_end_ns.load(), now_ns());
  for (const Unsent& unsent : pacer_.unsent(until_ns)) tally_.never_sent(unsent, until_ns);
  drain();
  tally_.publish(0);
  lane_.flush();
}

void Worker::tick(std::int64_t now) {
  if (now < next_tick_ns_) return;
  next_tick_ns_ = now + k_tick_ns;
  lane_.flush();
  tally_.publish(client_->in_flight());
  if (!state_.recorder.failed()) return;
  state_.hurried = true;
  state_.stop_at(now);
}

bool Worker::may_start() {
  if (state_.stopped.load(std::memory_order_relaxed)) return false;
  if (!plan_.max_operations) return true;
  if (state_.operations.fetch_add(1) < *plan_.max_operations) return true;
  // The window is not ended here: it lasts until the last of these operations has its reply.
  state_.budget_spent = true;
  state_.stopped = true;
  return false;
}

void Worker::run_window(std::int64_t begin_ns, std::int64_t end_ns) {
  pacer_.begin(begin_ns, end_ns);
  std::int64_t now = now_ns();
  while (now < end_ns && !state_.stopped.load(std::memory_order_relaxed)) {
    for (int started = 0; started < k_burst; ++started) {
      const std::optional<Start> due = pacer_.take(now);
      if (!due) break;
      if (!may_start()) return;
      start(*due);
      now = now_ns();
    }
    tick(now);
    client_->wait(std::min({pacer_.next_ns(), end_ns, next_tick_ns_}), on_done_);
    now = now_ns();
  }
}

// Somebody who interrupts waits for the end, also where he does so while this waits already.
void Worker::drain() {
  std::int64_t now = now_ns();
  std::int64_t deadline = now + std::chrono::nanoseconds(plan_.drain_timeout).count();
  bool hurried = false;
  while (client_->in_flight() > 0 && now < deadline) {
    if (!hurried && state_.hurried) {
      hurried = true;
      deadline =
          std::min(deadline, now + std::chrono::nanoseconds(plan_.hurried_drain_timeout).count());
    }
    tick(now);
    client_->wait(std::min(deadline, next_tick_ns_), on_done_);
    now = now_ns();
  }
  client_->abandon(on_done_);
}

void Worker::start(const Start& start) {
  const std::size_t connection = start.connection;
  Current& current = current_[connection];
  properties::Entry& entry = current.entry;
  static const Operation k_get;
  const Operation& operation = plan_.get_path.empty() ? traffic_.next(connection) : k_get;
  entry.type = EntryType::invoke;
  entry.process = traffic_.process(connection);
  entry.f = operation.f;
  entry.event_id = operation.event_id;
  entry.request_id = operation.request_id;
  entry.in = {};
  if (operation.f != Function::read) entry.in.user_id = plan_.users[operation.user].id;
  entry.in.quantity = operation.quantity;
  entry.in.reservation_id = operation.reservation_id;
  entry.out = {};
  entry.error = {};
  current.event = operation.event;
  entry.t_ns = now_ns();
  entry.t_sched_ns = plan_.open_loop() ? start.intended_ns : entry.t_ns;
  current.counted = is_next_counted();
  if (current.counted) tally_.started(entry.t_ns, start.possible_ns);
  if (operation.f == Function::reserve) {
    RunState::lower_to(state_.first_reserve_ns, entry.t_ns);
  }
  lane_.append(entry);
  current.sent_ns = entry.t_ns;
  send(connection, operation);
}

// Of a planted slowdown: each request that counts brings so much of a further one.
bool Worker::is_next_counted() {
  if (uncounted_due_ >= 1) {
    uncounted_due_ -= 1;
    return false;
  }
  uncounted_due_ += plan_.uncounted_share;
  return true;
}

void Worker::send(std::size_t connection, const Operation& operation) {
  Request request;
  path_.clear();
  body_.clear();
  if (!plan_.get_path.empty()) {
    path_ = plan_.get_path;
  } else {
    const OperationShape& shape = plan_.adapter.of(operation.f);
    const User* user = plan_.users.empty() ? nullptr : &plan_.users[operation.user];
    Values values{operation.event_id, operation.reservation_id, operation.quantity,
                  user != nullptr ? user->id : 0, operation.request_id};
    if (plan_.event_texts) values.event_text = plan_.event_texts->written(operation.event_id).text;
    if (plan_.reservation_texts) {
      const auto id = plan_.reservation_texts->written(operation.reservation_id);
      values.reservation_id = id.number;
      values.reservation_text = id.text;
    }
    append(path_, shape.path, values);
    append(body_, shape.body, values);
    request.method = shape.method;
    if (shape.authenticated && user != nullptr) request.token = user->token;
  }
  request.path = path_;
  request.body = body_;
  request.request_id = operation.request_id;
  const std::size_t instance = turn_[connection];
  turn_[connection] = (instance + 1) % instances();
  client_->start(connection * instances() + instance, request);
}

void Worker::complete(std::size_t connection, const Exchange& exchange) {
  Current& current = current_[connection];
  properties::Entry& entry = current.entry;
  Reply reply;
  reply.out.http = exchange.http;
  if (!plan_.get_path.empty()) {
    reply.valid = true;  // any body will do
  } else if (exchange.failure.code.empty()) {
    reply = reader_.read(entry.f, exchange.http, exchange.body);
    reply.aged = exchange.aged;
  }
  Classified classified = classify(entry.f, exchange.failure, reply);
  const std::int64_t done_ns = std::max(now_ns(), current.sent_ns + 1);  // return > call
  entry.t_ns = done_ns;
  entry.type = classified.type;
  entry.out = reply.out;
  if (reply.aged && entry.f == Function::read) {  // numbers of the past, which nobody may hold
    entry.out = {};                               // against the present
    entry.out.http = reply.out.http;
  }
  entry.error = std::move(classified.error);
  lane_.append(entry);
  if (plan_.get_path.empty()) traffic_.finished(connection, entry.type, entry.out);
  note_sell_out(current, classified, done_ns);
  tally_.finished({entry.f, classified.outcome, entry.t_sched_ns, current.sent_ns, done_ns,
                   exchange.attempts, exchange.failure.code, current.counted},
                  state_.window_end_ns.load(std::memory_order_relaxed));
  if (plan_.get_path.empty() && traffic_.all_left(connection)) {
    state_.left(done_ns);
    return;
  }
  const bool is_away = classified.outcome == Outcome::error && !plan_.open_loop();
  pacer_.give_back(connection, done_ns + (is_away ? plan_.pause_when_away.count() : 0));
}

void Worker::note_sell_out(const Current& current, const Classified& classified,
                           std::int64_t t_ns) {
  const bool took_last = current.entry.f == Function::reserve &&
                         classified.outcome == Outcome::success && current.entry.out.available == 0;
  // A request for several tickets may be turned away while one is left.
  const bool turned_away =
      classified.outcome == Outcome::sold_out && current.entry.out.available.value_or(0) == 0;
  if (!took_last && !turned_away) return;
  state_.sell_out.saw(current.event, t_ns);
  if (plan_.stop_when_sold_out && state_.sell_out.all() && !state_.stopped) {
    state_.stop_at(*state_.sell_out.finished_ns());
  }
}

}  // namespace boxoffice::load
