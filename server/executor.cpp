// All state is behind one mutex that is held for some dozens of instructions and never across a
// job, a refusal or a wake-up.
//
// A job is in ready_ (admitted: any idle thread takes it) or in the line of its lane. Both are
// FIFO. When a job of a lane ends, the first of its line goes to the back of ready_, so that a hot
// event takes turns with the others even where K is not below the number of threads.
#include "server/executor.hpp"

#include <utility>

namespace boxoffice::server {

Executor::Executor(const ExecutorLimits& limits, Connect connect)
    : limits_(limits), connect_(std::move(connect)) {}

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
  job.submitted_ = job.admitted_ = Clock::now();
  std::unique_lock lock(mutex_);
  if (stopping_ || waiting_ >= limits_.queue) {
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

/// Returns the idle thread that must be woken for it.
Executor::Worker* Executor::admit_or_line_up(Job& job) {
  job.in_lane_ = job.key != 0 && limits_.per_key != 0;
  if (job.in_lane_) {
    Lane& lane = lanes_[job.key];
    if (lane.admitted == limits_.per_key) {
      lane.line.push_back(job);
      job.line_ = &lane.line;
      return nullptr;
    }
    ++lane.admitted;
  }
  ready_.push_back(job);
  job.line_ = &ready_;
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

/// A job of this key has ended, or was refused after it had been admitted: the next one is due.
void Executor::leave_lane(std::int64_t key) {
  const auto found = lanes_.find(key);
  Lane& lane = found->second;
  if (lane.line.empty()) {
    if (--lane.admitted == 0) lanes_.erase(found);
    return;
  }
  Job& job = lane.line.front();
  lane.line.pop_front();
  job.admitted_ = Clock::now();
  ready_.push_back(job);
  job.line_ = &ready_;
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
    observe_wait(job, Clock::now(), true);
    job.run(*worker.connection);
    lock.lock();
    --running_;
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
      observe_wait(*late.back(), Clock::now(), admitted);
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

Executor::State Executor::state() const {
  const std::lock_guard lock(mutex_);
  return {waiting_, static_cast<std::int64_t>(ready_.size()), running_};
}

}  // namespace boxoffice::server
