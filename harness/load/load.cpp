// See load.hpp. This file is the story of a run; each step's how is in its own file.
#include "harness/load/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "harness/load/clock.hpp"
#include "harness/load/preflight.hpp"
#include "harness/load/run_state.hpp"
#include "harness/load/summary.hpp"
#include "harness/load/worker.hpp"

namespace boxoffice::load {
namespace {

constexpr std::chrono::milliseconds k_progress_step{250};
constexpr std::size_t k_recent_steps = 4;  // the display's percentiles are about the last second

using Workers = std::vector<std::unique_ptr<Worker>>;

/// The threads of a run; ends them on destruction.
class Crew {
 public:
  Crew(Workers& workers, RunState& state, MeetingPoint& meeting)
      : state_(state), running_(workers.size()) {
    threads_.reserve(workers.size());
    try {
      for (auto& worker : workers)
        threads_.emplace_back([this, &meeting, &worker = *worker] { run(worker, meeting); });
    } catch (const std::system_error& error) {
      give_up(workers.size(), meeting, error);
    }
  }
  ~Crew() {
    state_.stop_at(now_ns());
    join();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// True once all threads have ended; waits for it at most `time`, or until a stop is requested.
  bool wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, stop, time, [this] { return running_ == 0; });
  }

  /// Ends the threads and throws what one of them threw.
  void finish() {
    join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void run(Worker& worker, MeetingPoint& meeting) {
    std::exception_ptr failure;
    try {
      worker.run(meeting);
    } catch (...) {
      failure = std::current_exception();
      state_.hurried = true;
      state_.stop_at(now_ns());
      meeting.arrive_and_drop();  // the others must not wait for this one
    }
    const std::lock_guard lock(mutex_);
    if (failure && !failure_) failure_ = failure;
    --running_;
    ended_.notify_all();
  }

  /// Ends those that are there, which must not wait for the others.
  [[noreturn]] void give_up(std::size_t wanted, MeetingPoint& meeting,
                            const std::system_error& error) {
    state_.stop_at(now_ns());
    for (std::size_t i = threads_.size(); i < wanted; ++i) meeting.arrive_and_drop();
    join();
    throw std::runtime_error(
        fmt::format("load: of {} threads {} could be started ({}): use fewer (-t), or raise what "
                    "limits them (ulimit -u)",
                    wanted, threads_.size(), error.what()));
  }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  RunState& state_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::size_t running_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

/// Puts together what the display shows, from what the threads publish.
class ProgressMeter {
 public:
  ProgressMeter(const LoadPlan& plan, std::int64_t begin_ns)
      : plan_(plan), begin_ns_(begin_ns), last_ns_(begin_ns) {}

  Progress read(Workers& workers, const RunState& state) {
    Snapshot snapshot;
    for (auto& worker : workers) worker->tally().take_snapshot(snapshot);
    recent_.push_back(snapshot.recent);
    if (recent_.size() > k_recent_steps) recent_.pop_front();
    Histogram recent(5);
    for (const Histogram& step : recent_) recent.merge(step);

    const std::int64_t now = now_ns();
    const std::int64_t t0 = state.t0_ns;
    Progress progress;
    progress.warming_up = t0 == 0;
    progress.elapsed_s = static_cast<double>(now - begin_ns_) / 1e9;
    const std::int64_t measured_from = t0 == 0 ? begin_ns_ + plan_.warmup.count() : t0;
    set_stage(progress, t0 == 0 ? now - begin_ns_ : now - t0);
    const std::int64_t left = measured_from + plan_.duration.count() - now;
    progress.left_s = static_cast<double>(std::max<std::int64_t>(0, left)) / 1e9;
    const std::uint64_t completed = snapshot.outcomes.total();
    progress.completed_per_s = static_cast<double>(completed - last_completed_) * 1e9 /
                               static_cast<double>(std::max<std::int64_t>(1, now - last_ns_));
    progress.in_flight = snapshot.in_flight;
    if (const auto p50 = recent.percentile_ns(50))
      progress.p50_ms = static_cast<double>(*p50) / 1e6;
    if (const auto p99 = recent.percentile_ns(99))
      progress.p99_ms = static_cast<double>(*p99) / 1e6;
    progress.outcomes = snapshot.outcomes;
    last_completed_ = completed;
    last_ns_ = now;
    return progress;
  }

 private:
  void set_stage(Progress& progress, std::int64_t since_begin_ns) const {
    if (plan_.stages.empty()) return;
    progress.stages = plan_.stages.size();
    progress.stage = 1 + stage_at(plan_.stages, since_begin_ns);
    progress.due_per_s = rate_at(plan_.stages, since_begin_ns);
  }

  const LoadPlan& plan_;
  std::int64_t begin_ns_;
  std::int64_t last_ns_;
  std::uint64_t last_completed_ = 0;
  std::deque<Histogram> recent_;
};

}  // namespace

LoadResult run_load(const LoadPlan& plan, const ProgressCallback& progress, std::stop_token stop) {
  check_plan(plan);
  check_environment(plan);
  RunState state(plan);
  Workers workers;
  for (std::size_t i = 0; i < plan.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(plan, state, i));
  }
  MeetingPoint meeting(static_cast<std::ptrdiff_t>(plan.threads), [&state, &plan]() noexcept {
    if (state.t0_ns != 0) return;
    if (plan.before_measuring) plan.before_measuring();
    const std::int64_t t0 = now_ns();
    RunState::lower_to(state.window_end_ns, t0 + plan.window_max().count());
    state.t0_ns = t0;
  });

  const std::int64_t begin_ns = now_ns();
  ProgressMeter meter(plan, begin_ns);
  bool interrupted = false;
  {
    Crew crew(workers, state, meeting);
    std::stop_token listening = stop;
    while (!crew.wait(k_progress_step, listening)) {
      if (stop.stop_requested() && !interrupted) {
        interrupted = true;
        state.hurried = true;
        state.stop_at(now_ns());
        listening = {};  // from here on only wait for the threads
      }
      const Progress now = meter.read(workers, state);
      if (progress) progress(now);
      const bool due = !now.warming_up && now.left_s == 0;
      if (due && plan.enough && plan.enough(now)) state.stop_at(now_ns());
    }
    crew.finish();
  }
  LoadResult result = summarise(plan, state, workers, begin_ns);
  workers.clear();  // lanes hand over what they have
  result.interrupted = interrupted;
  result.recorder = state.recorder.finish();
  judge_figure(plan, result);
  return result;
}

}  // namespace boxoffice::load
