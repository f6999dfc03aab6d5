// The reference lines of a comparison: what each of its databases does alone, round by round.
//
// Once at every number of clients, to find the best; then that one again before each further round,
// so that the machine's good and bad minutes fall on it as they fall on the trials.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/database/test_database.hpp"

namespace boxoffice::harness {

class ReferenceLines {
 public:
  /// The numbers of clients to measure before `round` (from 1). None where the tool is missing.
  std::vector<std::int64_t> clients_of(const TestDatabase& database, std::int64_t round) const;

  /// For one second. False where the tool is not installed. Throws what run_reference() throws.
  bool measure(TestDatabase& database, std::int64_t clients, const std::filesystem::path& scratch);

  /// `reference` of the manifest (docs/run-directory.md): of each line the median of its rounds.
  boost::json::array fields() const;

 private:
  struct Line {
    std::string tool, database;
    std::int64_t clients = 0;
    std::vector<double> per_s;  // by round
  };

  std::vector<Line> lines_;
};

}  // namespace boxoffice::harness
