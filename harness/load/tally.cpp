// See tally.hpp.
#include "harness/load/tally.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::load {

Tally::Tally(std::int64_t step_ns, std::int64_t lag_bound_ns, const std::vector<Stage>& stages)
    : step_ns_(std::max<std::int64_t>(step_ns, 1'000'000)),
      lag_bound_ns_(lag_bound_ns),
      stage_plan_(stages) {
  for (const Stage& stage : stages) stages_.emplace_back().stage = stage;
}

Step& Tally::step_at(std::int64_t t_ns) {
  const auto place = static_cast<std::size_t>(std::max<std::int64_t>(0, t_ns - t0_ns_) / step_ns_);
  if (place >= steps_.size()) steps_.resize(place + 1);
  return steps_[place];
}

void Tally::started(std::int64_t sent_ns, std::int64_t possible_ns) {
  if (!measuring()) return;
  ++started_;
  if (sent_ns - possible_ns > lag_bound_ns_) ++lagging_;
  ++step_at(sent_ns).started;
}

void Tally::count_attempts(const Finished& finished) {
  if (finished.attempts == 0) return;
  const bool success = finished.outcome == Outcome::success;
  const bool given_up =
      finished.outcome == Outcome::conflict || finished.outcome == Outcome::lock_timeout;
  if (success || given_up) attempts_ += static_cast<std::uint64_t>(finished.attempts);
  if (success) ++attempted_successes_;
}

/// Only of a plan with stages.
StageFigures& Tally::stage_figures_at(std::int64_t t_ns) {
  return stages_[stage_at(stage_plan_, t_ns - t0_ns_)];
}

void Tally::count_stage(const Finished& finished) {
  if (stages_.empty()) return;
  StageFigures& stage = stage_figures_at(finished.intended_ns);
  ++stage.outcomes[finished.outcome];
  if (finished.outcome != Outcome::success) return;
  stage.latency.service.record(finished.done_ns - finished.sent_ns);
  stage.latency.response.record(finished.done_ns - finished.intended_ns);
  stage.latency.schedule_lag.record(finished.sent_ns - finished.intended_ns);
}

// Nobody knows how it would have gone; that it took longer than it had waited by then is certain.
// Left out, a server that stands still would have the percentiles of the time before.
void Tally::never_sent(const Unsent& unsent, std::int64_t window_end_ns) {
  if (unsent.possible_ns != k_never_ns) {
    const bool late = window_end_ns - unsent.possible_ns > lag_bound_ns_;
    lagging_ += late;
    left_lying_ += late;
    return;
  }
  ++unsent_;
  const std::int64_t waited_ns = window_end_ns - unsent.due_ns;
  const auto add = [waited_ns](Latency& latency) {
    latency.response.record(waited_ns);
    latency.schedule_lag.record(waited_ns);
  };
  add(latency_[index_of(Outcome::success)]);
  if (stages_.empty()) return;
  StageFigures& stage = stage_figures_at(unsent.due_ns);
  ++stage.unsent;
  add(stage.latency);
}

void Tally::finished(const Finished& finished, std::int64_t window_end_ns) {
  ++run_outcomes_[finished.outcome];
  last_done_ns_ = std::max(last_done_ns_, finished.done_ns);
  const std::int64_t response_ns = finished.done_ns - finished.intended_ns;
  if (finished.outcome == Outcome::success) recent_.record(response_ns);
  if (!finished.transport_code.empty()) {
    const auto found = transport_errors_.find(finished.transport_code);
    if (found != transport_errors_.end()) {
      ++found->second;
    } else {
      transport_errors_.emplace(finished.transport_code, 1);
    }
  }
  if (!measuring() || !finished.counted) return;
  Latency& latency = latency_[index_of(finished.outcome)];
  latency.service.record(finished.done_ns - finished.sent_ns);
  latency.response.record(response_ns);
  latency.schedule_lag.record(finished.sent_ns - finished.intended_ns);
  count_attempts(finished);
  count_stage(finished);
  if (finished.done_ns > window_end_ns) {
    ++late_outcomes_[finished.outcome];
    late_reads_ += finished.f == properties::Function::read && finished.outcome == Outcome::success;
    return;
  }
  ++outcomes_[finished.outcome];
  ++by_function_[static_cast<std::size_t>(finished.f)][finished.outcome];
  Step& step = step_at(finished.done_ns);
  ++step.finished;
  if (finished.outcome == Outcome::sold_out) ++step.sold_out;
  if (finished.outcome == Outcome::success) {
    ++step.success;
    step.response.record(response_ns);
    if (!stages_.empty()) ++stage_figures_at(finished.done_ns).succeeded;
  }
}

void Tally::publish(std::uint64_t in_flight) {
  const std::lock_guard lock(mutex_);
  published_.outcomes = run_outcomes_;
  published_.in_flight = in_flight;
  published_.recent.merge(recent_);
  recent_ = Histogram(5);
}

void Tally::take_snapshot(Snapshot& into) {
  const std::lock_guard lock(mutex_);
  into.outcomes += published_.outcomes;
  into.in_flight += published_.in_flight;
  into.recent.merge(published_.recent);
  published_.recent = Histogram(5);
}

void Tally::add_to(LoadResult& result, std::vector<Step>& steps) const {
  result.outcomes += outcomes_;
  result.late_outcomes += late_outcomes_;
  result.run_outcomes += run_outcomes_;
  result.started += started_;
  result.unsent += unsent_;
  result.late_reads += late_reads_;
  for (std::size_t i = 0; i < by_function_.size(); ++i) result.by_function[i] += by_function_[i];
  for (std::size_t i = 0; i < latency_.size(); ++i) {
    result.latency[i].merge(latency_[i]);
  }
  result.stages.resize(stages_.size());
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    StageFigures& stage = result.stages[i];
    stage.stage = stages_[i].stage;
    stage.outcomes += stages_[i].outcomes;
    stage.unsent += stages_[i].unsent;
    stage.succeeded += stages_[i].succeeded;
    stage.latency.merge(stages_[i].latency);
  }
  for (const auto& [code, count] : transport_errors_) result.transport_errors[code] += count;
  if (steps.size() < steps_.size()) steps.resize(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    steps[i].started += steps_[i].started;
    steps[i].finished += steps_[i].finished;
    steps[i].success += steps_[i].success;
    steps[i].sold_out += steps_[i].sold_out;
    steps[i].response.merge(steps_[i].response);
  }
}

}  // namespace boxoffice::load
