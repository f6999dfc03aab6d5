// See floor_generator.hpp.
#include "harness/commands/floor_generator.hpp"

#include "harness/checked_load.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/reference/web.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

class Measurement {
 public:
  Measurement(const std::string& target, const std::filesystem::path& scratch,
              const load::ProgressCallback& progress, std::stop_token stop)
      : history_(scratch / "livez.jsonl"), progress_(progress), stop_(std::move(stop)) {
    plan_.target = target;
    plan_.get_path = "/livez";
    plan_.connections = 64;
  }

  load::LoadResult run(Duration duration, bool records = true) const {
    return run(plan_, duration, records);
  }
  /// Connecting is left out: a generator is late when it opens 64 connections at once.
  load::LoadResult run_at(double rate_per_s, Duration duration) const {
    load::LoadPlan plan = plan_;
    plan.rate_per_s = rate_per_s;
    plan.warmup = 500ms;
    return run(plan, duration, true);
  }

 private:
  load::LoadResult run(load::LoadPlan plan, Duration duration, bool records) const {
    throw_if_interrupted(stop_);
    plan.duration = duration;
    if (records) plan.history_path = history_;
    load::LoadResult result = run_checked_load(plan, progress_, stop_);
    if (records) std::filesystem::remove(history_);
    if (result.interrupted) throw Interrupted();
    if (result.goodput_per_s <= 0) throw EnvironmentBroke("GET /livez had no reply");
    return result;
  }

  load::LoadPlan plan_;
  const std::filesystem::path history_;
  const load::ProgressCallback& progress_;
  const std::stop_token stop_;
};

}  // namespace

GeneratorFigures measure_generator(const std::string& target, Duration duration,
                                   const std::filesystem::path& scratch, bool wrk_first,
                                   const std::function<void(const std::string&)>& step,
                                   const load::ProgressCallback& progress, std::stop_token stop) {
  GeneratorFigures figures;
  const Measurement measurement(target, scratch, progress, stop);
  for (const bool wrk : {wrk_first, !wrk_first}) {
    step(wrk ? "wrk on /livez" : "this generator on /livez");
    if (wrk)
      figures.wrk = run_wrk(target + "/livez", duration, scratch);
    else
      figures.generator = measurement.run(duration).goodput_per_s;
  }
  step("this generator with and without a history");
  for (const bool records : {true, false, false, true}) {
    (records ? figures.recording : figures.silent) +=
        measurement.run(duration / 2, records).goodput_per_s / 2;
  }
  step("this generator at half of its rate");
  const load::LoadResult half = measurement.run_at(figures.generator / 2, duration);
  const auto lag_ns = half.success_latency().schedule_lag.percentile_ns(99);
  if (!lag_ns) throw EnvironmentBroke("too few requests for the p99 of the generator's lag");
  figures.lag_p99_ms = static_cast<double>(*lag_ns) / 1e6;
  return figures;
}

}  // namespace boxoffice::harness
