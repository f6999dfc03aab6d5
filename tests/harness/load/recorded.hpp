// Runs a plan with its history in a file of its own and hands both back.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/load/load.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::load {

struct Recorded {
  LoadResult result;
  std::vector<properties::Entry> entries;

  /// The completions, in the file's order.
  std::vector<properties::Entry> completions() const {
    std::vector<properties::Entry> found;
    for (const auto& entry : entries) {
      if (entry.type != properties::EntryType::invoke) found.push_back(entry);
    }
    return found;
  }
};

inline Recorded run_recorded(LoadPlan plan, std::stop_token stop = {},
                             const ProgressCallback& progress = {}) {
  std::string path = (std::filesystem::temp_directory_path() / "history-XXXXXX").string();
  close(mkstemp(path.data()));
  {
    std::string header;
    properties::append_line(header, properties::Header{});
    std::ofstream(path) << header;
  }
  plan.history_path = path;
  Recorded recorded{run_load(plan, progress, stop), {}};
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  auto history = properties::read_history(text);
  recorded.entries = std::move(history.value().history.entries);
  return recorded;
}

/// One event (7), enough users, everything at once: what most tests start from.
inline LoadPlan small_plan(const std::string& target, std::size_t connections) {
  LoadPlan plan;
  plan.target = target;
  plan.events = {7};
  plan.connections = connections;
  for (std::size_t i = 1; i <= 10 * connections; ++i) {
    plan.users.push_back({static_cast<std::int64_t>(i), std::to_string(i) + "|token"});
  }
  plan.duration = std::chrono::seconds(60);  // the operations run out long before
  plan.max_operations = 200;
  return plan;
}

}  // namespace boxoffice::load
