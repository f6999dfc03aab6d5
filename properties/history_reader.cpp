// The reader of history.jsonl. Boost.JSON parses a line into a block of memory that is used again
// for the next one, so that a million lines cost no allocation but those of the entries themselves.
#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "properties/history_json.hpp"
#include "properties/history_lines.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

/// Sorts keys instead of entries, then moves each entry once, along the cycles of the permutation.
void sort_by_time(std::vector<Entry>& entries) {
  const auto earlier = [](const auto& a, const auto& b) {
    return std::tie(a.t_ns, a.index) < std::tie(b.t_ns, b.index);
  };
  if (std::is_sorted(entries.begin(), entries.end(), earlier)) return;
  struct Key {
    std::int64_t t_ns, index;
    std::size_t from;
  };
  std::vector<Key> keys;
  keys.reserve(entries.size());
  for (const Entry& entry : entries) keys.push_back({entry.t_ns, entry.index, keys.size()});
  std::stable_sort(keys.begin(), keys.end(), earlier);
  for (std::size_t start = 0; start < keys.size(); ++start) {
    if (keys[start].from == start) continue;
    Entry first = std::move(entries[start]);
    std::size_t to = start;
    while (keys[to].from != start) {
      const std::size_t from = std::exchange(keys[to].from, to);
      entries[to] = std::move(entries[from]);
      to = from;
    }
    keys[to].from = to;
    entries[to] = std::move(first);
  }
}

/// Empty where it has none that is a text.
std::string_view type_of(const json::object& object) {
  const json::value* type = object.if_contains("type");
  return type && type->is_string() ? std::string_view(type->get_string()) : std::string_view();
}

/// Indices that were met: as bits where they are dense, as recorders make them, else one by one.
class Indices {
 public:
  /// False where it was met before.
  bool insert(std::int64_t index) {
    if (index < 0 || index >= k_dense_max) return others_.insert(index).second;
    const auto at = static_cast<std::size_t>(index);
    if (at >= dense_.size()) dense_.resize(2 * at + 1024);
    if (dense_[at]) return false;
    return dense_[at] = true;
  }

 private:
  static constexpr std::int64_t k_dense_max = 1 << 26;
  std::vector<bool> dense_;
  std::unordered_set<std::int64_t> others_;
};

/// Whether the entries of each process are a history at all, in the order in which they are stored.
class Sequence {
 public:
  /// Empty: the entry may follow.
  std::string take(const Entry& entry, std::int64_t line) {
    if (!indices_.insert(entry.index)) {
      return "index " + std::to_string(entry.index) + " was there before";
    }
    const std::string process = "process " + std::to_string(entry.process);
    Process& at = processes_[entry.process];
    const std::pair now(entry.t_ns, entry.index);
    if (now < at.last) return process + " goes back in time, or in its indices";
    at.last = now;
    const bool invokes = entry.type == EntryType::invoke;
    if (invokes && at.open_line != 0) {
      return process + " begins an operation within that of line " + std::to_string(at.open_line);
    }
    if (!invokes && at.open_line == 0) return process + " completes what it had not begun";
    at.open_line = invokes ? line : 0;
    return {};
  }

  /// The lines of invocations without completion, in order.
  std::vector<std::int64_t> unfinished() const {
    std::vector<std::int64_t> lines;
    for (const auto& [id, process] : processes_) {
      if (process.open_line != 0) lines.push_back(process.open_line);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

 private:
  struct Process {
    std::int64_t open_line = 0;
    std::pair<std::int64_t, std::int64_t> last{std::numeric_limits<std::int64_t>::min(), 0};
  };
  Indices indices_;
  std::unordered_map<std::int64_t, Process> processes_;
};

json::parse_options lenient_text() {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  return options;
}

}  // namespace

struct HistoryReader::State {
  unsigned char memory[16 * 1024];
  unsigned char scratch[4 * 1024];
  json::monotonic_resource values{memory, sizeof memory};
  json::parser parser{json::storage_ptr(), lenient_text(), scratch, sizeof scratch};
  StoredHistory stored;
  Sequence sequence;
  std::int64_t lines = 0;
  std::optional<std::int64_t> entries;  ///< that there are, by the line that says so
  std::string error;

  /// Parses one line; `error` says what is wrong with it.
  void take(std::string_view line) {
    values.release();
    parser.reset(&values);
    boost::system::error_code code;
    parser.write(line.data(), line.size(), code);
    if (code) {
      error = code == json::error::incomplete ? "the line ends within the object" : code.message();
      return;
    }
    const json::value value = parser.release();
    if (!value.is_object()) {
      error = "is not a JSON object";
    } else if (lines == 1) {
      stored.history.header = header_from(value.get_object(), error);
    } else {
      take(value.get_object(), type_of(value.get_object()));
    }
  }

  void take(const json::object& object, std::string_view type) {
    if (type == "fault") {
      stored.history.faults.push_back(fault_from(object, error));
    } else if (type == "capacity") {
      stored.history.capacities.push_back(capacity_at_end_from(object, error));
    } else if (type == "broke") {
      stored.history.breakages.push_back(breakage_from(object, error));
    } else if (type == "end") {
      if (entries) error = "the history has ended before";
      entries = end_from(object, error);
    } else {
      Entry entry = entry_from(object, error);
      if (error.empty()) error = sequence.take(entry, lines);
      if (error.empty()) stored.history.entries.push_back(std::move(entry));
    }
  }

  /// A file that was cut where nothing was under way looks like a shorter run.
  void miss_lines() {
    const auto found = static_cast<std::int64_t>(stored.history.entries.size());
    if (entries && *entries != found) {
      stored.history.flaws.push_back(std::to_string(found) + " entries are there of the " +
                                     std::to_string(*entries) + " that were written");
    } else if (!entries && stored.history.header.end_due) {
      stored.history.flaws.push_back("the history has no end after its " + std::to_string(found) +
                                     " entries: the harness was cut off, or the file");
    }
  }
};

HistoryReader::HistoryReader() : state_(std::make_unique<State>()) {}
HistoryReader::~HistoryReader() = default;

bool HistoryReader::read_line(std::string_view line) {
  if (!state_->error.empty()) return false;
  ++state_->lines;
  state_->take(line);
  return state_->error.empty();
}

bool HistoryReader::read_unfinished(std::string_view rest) {
  if (rest.empty() || !state_->error.empty()) return state_->error.empty();
  const bool is_header = state_->lines == 0;
  if (!read_line(rest) && !is_header) {
    state_->error.clear();
    state_->stored.truncated = true;
    state_->stored.history.flaws.push_back("line " + std::to_string(state_->lines) +
                                           " is cut off: the harness died in it");
  }
  return state_->error.empty();
}

ReadResult<StoredHistory> HistoryReader::finish() {
  const std::unique_ptr<State> state = std::exchange(state_, std::make_unique<State>());
  if (!state->error.empty()) return ReadError{state->lines, std::move(state->error)};
  if (state->lines == 0) return ReadError{1, "the history has no header line"};
  state->miss_lines();
  const std::vector<std::int64_t> unfinished = state->sequence.unfinished();
  if (!unfinished.empty()) {
    state->stored.history.flaws.push_back(
        std::to_string(unfinished.size()) +
        " operations have no completion, the first is that of line " +
        std::to_string(unfinished.front()));
  }
  sort_by_time(state->stored.history.entries);
  return std::move(state->stored);
}

ReadResult<StoredHistory> read_history(std::string_view text) {
  HistoryReader reader;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      reader.read_unfinished(text);
      return reader.finish();
    }
    if (!reader.read_line(text.substr(0, end))) return reader.finish();
    text.remove_prefix(end + 1);
  }
}

}  // namespace boxoffice::properties
