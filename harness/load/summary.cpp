// See summary.hpp.
#include "harness/load/summary.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace boxoffice::load {
namespace {

std::optional<double> percentile_ms(const Histogram& histogram, double percent) {
  const auto value = histogram.percentile_ns(percent);
  if (!value) return std::nullopt;
  return static_cast<double>(*value) / 1e6;
}

std::vector<TimeseriesPoint> timeseries_of(const std::vector<Step>& steps, double step_s,
                                           double measured_s) {
  std::vector<TimeseriesPoint> points;
  std::uint64_t in_flight = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (static_cast<double>(i) * step_s >= measured_s) break;
    // The window opens with nothing in flight: the warm-up was drained.
    in_flight += step.started - std::min(in_flight + step.started, step.finished);
    TimeseriesPoint point;
    point.t_s = std::min(static_cast<double>(i + 1) * step_s, measured_s);
    point.started = step.started;
    point.success = step.success;
    point.sold_out = step.sold_out;
    point.other = step.finished - step.success - step.sold_out;
    point.in_flight = in_flight;
    point.p50_ms = percentile_ms(step.response, 50);
    point.p99_ms = percentile_ms(step.response, 99);
    points.push_back(point);
  }
  return points;
}

/// The length of the measured window; a spent budget ends it with the last reply.
double measured_seconds(const RunState& state, std::int64_t last_done_ns) {
  const std::int64_t t0 = state.t0_ns;
  std::int64_t end = state.window_end_ns;
  if (state.budget_spent) end = std::min(end, last_done_ns);
  return t0 == 0 || end <= t0 ? 0 : static_cast<double>(end - t0) / 1e9;
}

std::int64_t memory_peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

/// The stages lie one after the other in the measured window.
void set_stage_lengths(LoadResult& result) {
  double left_s = result.measured_s;
  for (StageFigures& stage : result.stages) {
    stage.measured_s =
        std::min(left_s, std::chrono::duration<double>(stage.stage.duration).count());
    left_s -= stage.measured_s;
  }
}

void add_attempts(LoadResult& result, const std::vector<std::unique_ptr<Worker>>& workers) {
  std::uint64_t attempts = 0;
  std::uint64_t successes = 0;
  for (const auto& worker : workers) {
    attempts += worker->tally().attempts();
    successes += worker->tally().attempted_successes();
  }
  if (successes == 0) return;
  result.attempted_successes = successes;
  result.attempts_per_success = static_cast<double>(attempts) / static_cast<double>(successes);
}

}  // namespace

std::string unsent_why(std::uint64_t unsent, std::uint64_t started) {
  constexpr std::uint64_t k_due_per_unsent_min = 100;
  if (unsent * k_due_per_unsent_min <= started + unsent) return {};
  return fmt::format(
      "{} of {} requests that were due were never sent, for all connections were waiting: response "
      "times are lower bounds",
      unsent, started + unsent);
}

void judge_figure(const LoadPlan& plan, LoadResult& result) {
  std::string why;
  const auto add = [&why](std::string reason) {
    if (!why.empty()) why += "; ";
    why += reason;
  };
  if (result.interrupted) add("the run was interrupted");
  if (!result.recorder.ok) add("the history is incomplete: " + result.recorder.error);
  if (result.measured_s <= 0) add("the run ended before the measured window began");
  if (result.lagging_share > k_lagging_share_max) {
    add(fmt::format("the generator sent {:.1f}% of the requests more than {} ms late",
                    100 * result.lagging_share, plan.lag_bound.count()));
  }
  if (result.cpu_share_max > k_busy_share_max) {
    add(fmt::format("a generator thread was busy {:.0f}% of the time: use more threads",
                    100 * result.cpu_share_max));
  } else if (result.busy_share_max > k_busy_share_max) {
    add(
        fmt::format("a generator thread worked, or waited for a processor, {:.0f}% of the time: "
                    "this machine has too few",
                    100 * result.busy_share_max));
  }
  result.figure_valid = why.empty();
  result.figure_why = std::move(why);
}

std::string tickets_ran_out(const LoadResult& result) {
  constexpr std::uint64_t k_replies_per_sold_out_min = 100;
  const std::uint64_t sold_out = result.outcomes[Outcome::sold_out];
  const bool few = sold_out * k_replies_per_sold_out_min <= result.outcomes.total();
  if (few && !result.time_to_sell_out_s) return {};
  return "tickets ran out, so that the fastest has the least left to sell: more tickets, or metric "
         "time_to_sell_out";
}

std::string users_ran_out(const LoadPlan& plan, const LoadResult& result) {
  constexpr std::uint64_t k_reserves_per_existing_min = 100;
  if (plan.user_choice == UserChoice::stay || plan.mix.repeat > 0) return {};
  const OutcomeCounts& reserves = result.of(properties::Function::reserve);
  const std::uint64_t existing = reserves[Outcome::existing];
  if (existing * k_reserves_per_existing_min <= reserves.total()) return {};
  return fmt::format(
      "users ran out: {} of {} reserves found a hold that their user had already, so that the "
      "fastest has the fewest left to sell to: more users, or a shorter load",
      existing, reserves.total());
}

LoadResult summarise(const LoadPlan& plan, const RunState& state,
                     const std::vector<std::unique_ptr<Worker>>& workers, std::int64_t begin_ns) {
  LoadResult result;
  result.open_loop = plan.open_loop();
  std::vector<Step> steps;
  std::uint64_t lagging = 0, left_lying = 0;
  std::int64_t last_done_ns = begin_ns;
  for (const auto& worker : workers) {
    worker->tally().add_to(result, steps);
    lagging += worker->tally().lagging();
    left_lying += worker->tally().left_lying();
    last_done_ns = std::max(last_done_ns, worker->tally().last_done_ns());
    result.user_rounds = std::max(result.user_rounds, worker->user_rounds());
    const ThreadLoad& load = worker->thread_load();
    result.cpu_share_max = std::max(result.cpu_share_max, load.cpu_share);
    result.cpu_wait_share_max = std::max(result.cpu_wait_share_max, load.cpu_wait_share);
    result.busy_share_max = std::max(result.busy_share_max, load.cpu_share + load.cpu_wait_share);
  }
  result.run_s = static_cast<double>(last_done_ns - begin_ns) / 1e9;
  result.measured_s = measured_seconds(state, last_done_ns);
  result.window_begin_ns = state.t0_ns;
  if (result.measured_s > 0) {
    result.started_per_s = static_cast<double>(result.started) / result.measured_s;
    result.goodput_per_s =
        static_cast<double>(result.outcomes[Outcome::success]) / result.measured_s;
  }
  if (result.started + left_lying > 0) {
    result.lagging_share =
        static_cast<double>(lagging) / static_cast<double>(result.started + left_lying);
  }
  if (const auto finished = state.sell_out.finished_ns()) {
    result.time_to_sell_out_s = static_cast<double>(*finished - state.first_reserve_ns) / 1e9;
  }
  result.memory_peak_bytes = memory_peak_bytes();
  add_attempts(result, workers);
  set_stage_lengths(result);
  result.timeseries = timeseries_of(steps, static_cast<double>(plan.timeseries_step.count()) / 1e3,
                                    result.measured_s);
  return result;
}

}  // namespace boxoffice::load
