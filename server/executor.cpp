// All state is behind one mutex that is held for some dozens of instructions and never across a
// job, a refusal or, but where a lane becomes wider, a wake-up.
//
// A job is in ready_ (admitted: any idle thread takes it) or in the line of its lane. Both are
// FIFO. When a job of a lane ends, the first of its line goes to the back of ready_, so that a hot
// event takes turns with the others even where K is not below the number of threads.
#include "server/executor.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::server {
namespace {

/// A line that has not been empty for so long is no rush.
constexpr Clock::duration k_rush = std::chrono::seconds(1);

/// Of a rush, what is expected to wait longer than this part of the time that its deadline leaves
/// is refused: runs may become slower meanwhile, and a refusal at the deadline is the worst.
constexpr Clock::duration bound_of_rush(Clock::duration left) {
  return left / 5 * 4;
}

}  // namespace

Executor::Executor(const ExecutorLimits& limits, Connect connect, Now now)
    : limits_(limits), connect_(std::move(connect)), now_(now) {}

Executor::~Executor() {
  stop();
}

void Executor::start(const OnStart& on_start) {
  starting_ = limits_.threads;
  for (int i = 0; i < limits_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    worker.thread = std::thread([this, &worker, &on_start] {
      begin(worker, on_start);
      work(worker);
    });
  }
  std::unique_lock lock(mutex_);
  started_.wait(lock, [this] { return starting_ == 0; });
  if (!start_failure_) return;
  lock.unlock();
  stop();
  std::rethrow_exception(start_failure_);
}

void Executor::begin(Worker& worker, const OnStart& on_start) {
  std::exception_ptr failure;
  try {
    worker.connection = connect_();
    on_start(*worker.connection);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (failure) start_failure_ = failure;
  --starting_;
  started_.notify_all();
}

void Executor::submit(Job& job) {
  job.submitted_ = job.admitted_ = now_();
  std::unique_lock lock(mutex_);
  if (stopping_ || waiting_ >= limits_.queue || would_wait_too_long(job)) {
    const auto why = stopping_ ? Refused::shutting_down : Refused::overloaded;
    lock.unlock();
    job.refuse(why);
    return;
  }
  remember_age(job);
  ++waiting_;
  Worker* const woken = admit_or_line_up(job);
  lock.unlock();
  if (woken != nullptr) woken->wake.notify_one();
}

/// Behind those in ready_, and where its lane is full behind those in its line first: each of them
/// waits for a thread in its turn, then runs. Nothing is expected while nothing has run.
bool Executor::would_wait_too_long(const Job& job) const {
  if (limits_.queue_wait.count() == 0) return false;
  const auto now = job.submitted_;
  const auto ahead = static_cast<std::int64_t>(ready_.size()) + 1;
  const auto for_thread =
      idle_.empty() ? run_times_.mean() * ahead / limits_.threads : Clock::duration::zero();
  auto expected = for_thread;
  bool lasts = !ready_.empty() && now - ready_since_ >= k_rush;
  const auto found = job.key == 0 ? lanes_.end() : lanes_.find(job.key);
  if (found != lanes_.end() && found->second.is_full()) {
    const Lane& lane = found->second;
    const auto before = static_cast<std::int64_t>(lane.line.size()) + 1;
    expected += (for_thread / lane.width.value() + lane.times_of_place.mean()) * before;
    lasts = lasts || (!lane.line.empty() && now - lane.since >= k_rush);
  }
  if (expected == Clock::duration::zero()) return false;
  const auto in_a_rush = bound_of_rush(job.deadline - now);
  return expected > (lasts ? std::min<Clock::duration>(limits_.queue_wait, in_a_rush) : in_a_rush);
}

void Executor::make_ready(Job& job) {
  if (ready_.empty()) ready_since_ = job.admitted_;
  ready_.push_back(job);
  job.line_ = &ready_;
}

/// Listings have a lane, too, but wait for no row: of widths they neither learn nor tell.
WidthKnowledge Executor::known_of(std::int64_t key) const {
  return key > 0 ? widths_ : WidthKnowledge();
}

/// Returns the idle thread that must be woken for it.
Executor::Worker* Executor::admit_or_line_up(Job& job) {
  job.in_lane_ = job.key != 0 && limits_.per_key != 0;
  if (job.in_lane_) {
    const auto [found, is_new] =
        lanes_.try_emplace(job.key, Lane{LaneWidth(limits_.per_key, known_of(job.key))});
    Lane& lane = found->second;
    if (is_new) lane.times_of_place = times_of_places_.supposed();
    if (lane.is_full()) {
      if (lane.line.empty()) lane.since = job.submitted_;
      lane.line.push_back(job);
      job.line_ = &lane.line;
      return nullptr;
    }
    ++lane.admitted;
  }
  make_ready(job);
  if (idle_.empty()) return nullptr;
  Worker* const worker = idle_.back();
  idle_.pop_back();
  worker->awake = true;
  return worker;
}

/// The list stays sorted. Deadlines are a fixed time after arrival, so that the place of a new one
/// is at the end or a few steps before it.
void Executor::remember_age(Job& job) {
  auto after = by_age_.end();
  while (after != by_age_.begin() && std::prev(after)->deadline > job.deadline) --after;
  by_age_.insert(after, job);
}

void Executor::forget(Job& job) {
  job.line_->erase(job.line_->iterator_to(job));
  by_age_.erase(by_age_.iterator_to(job));
  --waiting_;
}

/// Of a job that has left its line, to run or to be refused.
void Executor::observe_wait(Job& job, Clock::time_point now, bool admitted) {
  job.begun_ = now;
  if (job.in_lane_) admission_wait_.observe((admitted ? job.admitted_ : now) - job.submitted_);
  if (admitted) pool_wait_.observe(now - job.admitted_);
}

/// A job of this key has ended, or was refused after it had been admitted: the next one is due. The
/// caller's thread takes it; where the lane has become wider, others are woken for the rest.
void Executor::leave_lane(std::int64_t key) {
  const auto found = lanes_.find(key);
  Lane& lane = found->second;
  --lane.admitted;
  for (bool is_first = true; !lane.line.empty() && !lane.is_full(); is_first = false) {
    Job& job = lane.line.front();
    lane.line.pop_front();
    ++lane.admitted;
    job.admitted_ = now_();
    make_ready(job);
    if (!is_first) wake_one();
  }
  if (lane.admitted == 0) lanes_.erase(found);
}

void Executor::wake_one() {
  if (idle_.empty()) return;
  Worker* const worker = idle_.back();
  idle_.pop_back();
  worker->awake = true;
  worker->wake.notify_one();
}

/// Of a job that ended just now. Before it leaves its lane, which may go with it.
void Executor::observe_run(std::int64_t key, const Run& run) {
  const auto taken = run.ended - run.begun;
  run_times_.add(taken);
  if (key == 0) return;
  Lane& lane = lanes_.find(key)->second;
  lane.times_of_place.add(taken / lane.width.value());
  times_of_places_.add(taken / lane.width.value());
  if (key < 0) return;
  if (lane.line.empty() || idle_.empty()) {
    lane.width.stop_measuring(widths_);
  } else if (run.changed_row) {
    lane.width.job_ended(run.ended, widths_);
  } else {
    lane.width.idle_job_ended(widths_);
  }
}

void Executor::work(Worker& worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (ready_.empty()) {
      if (stopping_) return;
      worker.awake = false;
      idle_.push_back(&worker);
      worker.wake.wait(lock, [&worker] { return worker.awake; });
    }
    Job& job = ready_.front();
    const bool in_lane = job.in_lane_;
    const auto key = job.key;
    forget(job);
    ++running_;
    lock.unlock();
    Run run{.begun = now_()};
    observe_wait(job, run.begun, true);
    run.changed_row = job.run(*worker.connection);
    run.ended = now_();
    lock.lock();
    --running_;
    observe_run(in_lane ? key : 0, run);
    if (in_lane) leave_lane(key);
  }
}

void Executor::expire(Clock::time_point now) {
  std::vector<Job*> late;
  {
    const std::lock_guard lock(mutex_);
    while (!by_age_.empty() && by_age_.front().deadline <= now) {
      const bool admitted = by_age_.front().line_ == &ready_;
      late.push_back(&take_oldest());
      observe_wait(*late.back(), now_(), admitted);
    }
  }
  for (Job* job : late) job->refuse(Refused::overloaded);
}

/// Takes the waiting job with the earliest deadline out of every list. Where it had been admitted,
/// the next of its lane takes its turn: no thread need be woken, or it would not have waited.
Job& Executor::take_oldest() {
  Job& job = by_age_.front();
  const bool admitted = job.in_lane_ && job.line_ == &ready_;
  forget(job);
  if (admitted) leave_lane(job.key);
  return job;
}

void Executor::turn_away(Refused why) {
  std::vector<Job*> refused;
  {
    const std::lock_guard lock(mutex_);
    while (!by_age_.empty()) refused.push_back(&take_oldest());
  }
  for (Job* job : refused) job->refuse(why);
}

void Executor::refuse_waiting() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Worker* worker : std::exchange(idle_, {})) {
      worker->awake = true;
      worker->wake.notify_one();
    }
  }
  turn_away(Refused::shutting_down);
}

void Executor::stop() {
  refuse_waiting();
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

std::int64_t Executor::unfinished() const {
  const auto now = state();
  return now.waiting + now.running;
}

int Executor::width() const {
  const std::lock_guard lock(mutex_);
  return limits_.per_key == 0 ? 0 : LaneWidth(limits_.per_key, widths_).value();
}

Executor::State Executor::state() const {
  const std::lock_guard lock(mutex_);
  return {waiting_, static_cast<std::int64_t>(ready_.size()), running_};
}

}  // namespace boxoffice::server
