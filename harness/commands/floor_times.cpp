// See floor_times.hpp.
#include "harness/commands/floor_times.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "harness/run_directory.hpp"
#include "reports/sign_test.hpp"

namespace boxoffice::harness {

namespace json = boost::json;

void FloorTimes::add(const std::string& what, const std::filesystem::path& trial_json) {
  const json::value trial = json::parse(read_file(trial_json));
  const json::value* const times = trial.as_object().if_contains("reserve_times_ms");
  if (!times) return;
  for (const auto& [part, figures] : times->at("parts").as_object())
    means_ms_[what][part].push_back(figures.at("mean").to_number<double>());
}

void FloorTimes::print(const std::string& what, std::int64_t admission) const {
  const auto found = means_ms_.find(what);
  if (found == means_ms_.end()) return;
  std::string line;
  double inside_ms = 0;  // of a transaction, while it counts against admission
  for (const auto& [part, means] : found->second) {
    const double ms = reports::median(means);
    line += fmt::format("{}{} {:.2f}", line.empty() ? "" : ", ", part, ms);
    if (part == "locking" || part == "statements" || part == "commit") inside_ms += ms;
  }
  fmt::print("  {}, where a reserve's ms go: {}\n", what, line);
  if (inside_ms > 0) {
    fmt::print(
        "  {:.2f} ms in the database each: one at a time {:.0f} a second, {} at most {:.0f}\n",
        inside_ms, 1e3 / inside_ms, admission, 1e3 * static_cast<double>(admission) / inside_ms);
  }
}

}  // namespace boxoffice::harness
