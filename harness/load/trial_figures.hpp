// A result in the stored forms of a trial: fields of trial.json, timeseries.csv, latency.hdr. What
// they mean is in docs/run-directory.md. Pure: the caller writes the files.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "harness/load/load.hpp"

namespace boxoffice::load {

/// The fields of trial.json that the load determines: connections, threads, loop, offered_per_s,
/// warmup_s, duration_s, measured_s, started_per_s, goodput_per_s, time_to_sell_out_s, outcomes,
/// latency_ms, attempts_per_success, figure_valid, figure_why, and beside them `load`: what the
/// generator says of itself (late outcomes, unsent, lag, processor, transport errors, recording).
boost::json::object trial_fields(const LoadPlan& plan, const LoadResult& result);

/// {"count","p50","p90","p95","p99","p999","max"} in milliseconds; null where too few samples.
boost::json::object latency_fields(const Histogram& histogram);

/// With its heading line.
std::string timeseries_csv(const LoadResult& result);

/// The response time of the successes in HdrHistogram's percentile format, milliseconds.
std::string latency_hdr(const LoadResult& result);

}  // namespace boxoffice::load
