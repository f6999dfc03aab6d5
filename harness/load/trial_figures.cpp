// See trial_figures.hpp.
#include "harness/load/trial_figures.hpp"

#include <fmt/format.h>

#include <boost/json/value_from.hpp>
#include <iterator>

namespace boxoffice::load {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

json::object outcome_fields(const OutcomeCounts& outcomes) {
  json::object fields;
  for (std::size_t i = 0; i < k_outcome_count; ++i) {
    fields[k_outcome_names[i]] = outcomes.counts[i];
  }
  return fields;
}

json::object generator_fields(const LoadPlan& plan, const LoadResult& result) {
  json::object errors;
  for (const auto& [code, count] : result.transport_errors) errors[code] = count;
  return {{"late_outcomes", outcome_fields(result.late_outcomes)},
          {"run_outcomes", outcome_fields(result.run_outcomes)},
          {"unsent", result.unsent},
          {"interrupted", result.interrupted},
          {"lag_bound_ms", plan.lag_bound.count()},
          {"lagging_share", result.lagging_share},
          {"cpu_share_max", result.cpu_share_max},
          {"cpu_wait_share_max", result.cpu_wait_share_max},
          {"busy_share_max", result.busy_share_max},
          {"memory_peak_bytes", result.memory_peak_bytes},
          {"transport_errors", errors},
          {"recorder",
           {{"ok", result.recorder.ok},
            {"error", result.recorder.error},
            {"entries", result.recorder.entries},
            {"bytes", result.recorder.bytes}}}};
}

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : std::string();
}

}  // namespace

json::object latency_fields(const Histogram& histogram) {
  const auto percentile = [&histogram](double percent) -> json::value {
    const auto value = histogram.percentile_ns(percent);
    return value ? json::value(static_cast<double>(*value) / 1e6) : json::value(nullptr);
  };
  json::value max = nullptr;
  if (histogram.count() > 0) max = static_cast<double>(histogram.max_ns()) / 1e6;
  return {{"count", histogram.count()},
          {"p50", percentile(50)},
          {"p90", percentile(90)},
          {"p95", percentile(95)},
          {"p99", percentile(99)},
          {"p999", percentile(99.9)},
          {"max", max}};
}

namespace {

json::object latencies_fields(const Latency& latency) {
  return {{"service", latency_fields(latency.service)},
          {"response", latency_fields(latency.response)},
          {"schedule_lag", latency_fields(latency.schedule_lag)}};
}

json::array stage_fields(const std::vector<StageFigures>& stages) {
  json::array list;
  for (const StageFigures& each : stages) {
    list.push_back(json::object{{"from_per_s", each.stage.from_per_s},
                                {"to_per_s", each.stage.to_per_s},
                                {"duration_s", seconds(each.stage.duration)},
                                {"measured_s", each.measured_s},
                                {"sent", each.outcomes.total()},
                                {"unsent", each.unsent},
                                {"goodput_per_s", or_null(each.goodput_per_s())},
                                {"outcomes", outcome_fields(each.outcomes)},
                                {"latency_ms", latencies_fields(each.latency)}});
  }
  return list;
}

}  // namespace

json::object trial_fields(const LoadPlan& plan, const LoadResult& result) {
  const Latency& latency = result.success_latency();
  json::object fields;
  fields["connections"] = plan.connections;
  fields["threads"] = plan.threads;
  fields["loop"] = result.open_loop ? "open" : "closed";
  fields["offered_per_s"] = or_null(plan.offered_per_s());
  fields["warmup_s"] = seconds(plan.warmup);
  fields["duration_s"] = seconds(plan.duration);
  fields["measured_s"] = result.measured_s;
  fields["started_per_s"] = result.started_per_s;
  fields["goodput_per_s"] = result.goodput_per_s;
  fields["time_to_sell_out_s"] = or_null(result.time_to_sell_out_s);
  fields["outcomes"] = outcome_fields(result.outcomes);
  fields["latency_ms"] = latencies_fields(latency);
  if (!result.stages.empty()) fields["stages"] = stage_fields(result.stages);
  fields["attempts_per_success"] = or_null(result.attempts_per_success);
  fields["attempted_successes"] = result.attempted_successes;
  fields["latency_why"] = result.unsent_why();
  fields["figure_valid"] = result.figure_valid;
  fields["figure_why"] = result.figure_why;
  fields["load"] = generator_fields(plan, result);
  return fields;
}

std::string timeseries_csv(const LoadResult& result) {
  std::string csv = "t_s,started,success,sold_out,other,in_flight,p50_ms,p99_ms\n";
  for (const TimeseriesPoint& point : result.timeseries) {
    fmt::format_to(std::back_inserter(csv), "{:.3f},{},{},{},{},{},{},{}\n", point.t_s,
                   point.started, point.success, point.sold_out, point.other, point.in_flight,
                   csv_number(point.p50_ms), csv_number(point.p99_ms));
  }
  return csv;
}

std::string latency_hdr(const LoadResult& result) {
  return result.success_latency().response.percentile_text();
}

}  // namespace boxoffice::load
