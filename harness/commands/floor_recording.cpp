// See floor_recording.hpp.
#include "harness/commands/floor_recording.hpp"

#include "harness/interrupt.hpp"

namespace boxoffice::harness {

RecordingCost measure_recording(const std::string& target, Duration duration,
                                const std::filesystem::path& scratch,
                                const load::ProgressCallback& progress, std::stop_token stop) {
  RecordingCost cost;
  for (const bool records : {true, false, false, true}) {
    throw_if_interrupted(stop);
    load::LoadPlan plan;
    plan.target = target;
    plan.get_path = "/livez";
    plan.connections = 64;
    plan.duration = duration / 2;
    if (records) plan.history_path = scratch / "recording.jsonl";
    const load::LoadResult result = load::run_load(plan, progress, stop);
    (records ? cost.recording : cost.silent) += result.goodput_per_s / 2;
    if (records) std::filesystem::remove(plan.history_path);
  }
  return cost;
}

}  // namespace boxoffice::harness
