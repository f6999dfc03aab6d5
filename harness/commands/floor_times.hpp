// Where the time of a reserve over HTTP goes, for a floor that is missed: the server's own parts of
// it, from the trials' figures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace boxoffice::harness {

class FloorTimes {
 public:
  /// Takes the mean of each part from a trial.json; nothing where the server did not say.
  void add(const std::string& what, const std::filesystem::path& trial_json);

  /// "  HTTP 64, where a reserve's ms go: admission 44.10, locking 0.41, ...", medians of the
  /// rounds' means, and what so many transactions at a time can do of what is spent inside of one.
  void print(const std::string& what, std::int64_t admission) const;

 private:
  std::map<std::string, std::map<std::string, std::vector<double>>> means_ms_;  // what, part
};

}  // namespace boxoffice::harness
