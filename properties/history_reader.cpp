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
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

/// Added to a time in nanoseconds, it still is one.
constexpr std::int64_t k_span_us_max = 1'000'000'000'000'000;
constexpr std::int64_t k_http_max = 999;

template <class Enum>
Enum word(JsonFields& fields, std::string_view key,
          std::optional<Enum> (*named)(std::string_view)) {
  const std::optional<Enum> value = named(fields.required_word(key));
  if (!value) fields.fail(key, "is no word of the vocabulary");
  return value.value_or(Enum{});
}

Input input_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Input in;
  in.user_id = fields.integer("user_id", k_id_max);
  in.quantity = fields.integer("quantity", k_quantity_max);
  in.reservation_id = fields.integer("reservation_id", k_id_max);
  fields.no_others();
  return in;
}

Output output_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Output out;
  out.http = static_cast<int>(fields.integer("http", k_http_max));
  out.reservation_id = fields.optional_integer("reservation_id", k_id_max);
  out.user_id = fields.optional_integer("user_id", k_id_max);
  out.quantity = fields.optional_integer("quantity", k_quantity_max);
  if (object.contains("status")) out.status = word(fields, "status", reservation_status_named);
  out.available = fields.optional_integer("available");
  out.version = fields.optional_integer("version");
  out.expires_us = fields.optional_integer("expires_us", k_time_us_max);
  fields.no_others();
  return out;
}

Error error_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Error why;
  why.code = fields.text("code");
  why.http = static_cast<int>(fields.integer("http", k_http_max));
  why.phase = fields.text("phase");
  fields.no_others();
  return why;
}

Entry entry_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Entry entry;
  entry.index = fields.required_integer("index");
  entry.t_ns = fields.required_integer("t_ns", k_time_ns_max);
  entry.t_sched_ns = fields.integer("t_sched_ns", k_time_ns_max);
  entry.process = fields.required_integer("process");
  entry.type = word(fields, "type", entry_type_named);
  entry.f = word(fields, "f", function_named);
  entry.event_id = fields.required_integer("event_id", k_id_max);
  entry.request_id = fields.text("request_id");
  if (const json::object* in = fields.nested("in")) entry.in = input_from(*in, error);
  if (const json::object* out = fields.nested("out")) entry.out = output_from(*out, error);
  if (const json::object* why = fields.nested("error")) entry.error = error_from(*why, error);
  fields.no_others();
  return entry;
}

EventCapacity capacity_from(const json::value& value, std::string& error) {
  if (!value.is_object()) {
    error = "an element of \"events\" is not an object";
    return {};
  }
  JsonFields fields(value.get_object(), error);
  EventCapacity event;
  event.event_id = fields.required_integer("event_id", k_id_max);
  event.total_tickets = fields.required_integer("total_tickets");
  event.available_tickets = fields.required_integer("available_tickets");
  event.version = fields.integer("version");
  fields.no_others();
  return event;
}

Header header_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Header header;
  if (fields.required_word("schema") != k_history_schema) {
    fields.fail("schema", "is not \"" + std::string(k_history_schema) + "\"");
  }
  header.run_id = fields.text("run_id");
  header.seed = fields.unsigned_integer("seed");
  header.hold_us = fields.integer("hold_us", k_span_us_max);
  header.clock_slack_us = fields.integer("clock_slack_us", k_span_us_max);
  if (const json::array* events = fields.list("events")) {
    for (const json::value& event : *events) header.events.push_back(capacity_from(event, error));
  }
  if (const json::object* wanted = fields.nested("evidence")) {
    JsonFields evidence(*wanted, error);
    header.evidence.sold_out = evidence.boolean("sold_out", false);
    header.evidence.contention = evidence.boolean("contention", false);
    header.evidence.expiry = evidence.boolean("expiry", false);
    header.evidence.cancel = evidence.boolean("cancel", false);
    header.evidence.faults = evidence.integer("faults");
    evidence.no_others();
  }
  header.versions = fields.boolean("versions", true);
  header.one_hold_per_user = fields.boolean("one_hold_per_user", true);
  header.ids_per_event = fields.boolean("ids_per_event", false);
  header.audit_due = fields.boolean("audit_due", false);
  fields.no_others();
  return header;
}

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

bool is_a(std::string_view word, const json::object& object) {
  const json::value* type = object.if_contains("type");
  return type && type->is_string() && type->get_string() == word;
}

Fault fault_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Fault fault;
  fields.required_word("type");
  fault.kind = fields.required_word("kind");
  fault.t_ns = fields.required_integer("t_ns", k_time_ns_max);
  fault.healed_ns = fields.required_integer("healed_ns", k_time_ns_max);
  fault.in_flight = fields.required_integer("in_flight");
  fault.landed = fields.boolean("landed", false);
  fault.evidence = fields.text("evidence");
  if (fault.healed_ns < fault.t_ns) fields.fail("healed_ns", "is before t_ns");
  fields.no_others();
  return fault;
}

Resized resized_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  fields.required_word("type");
  const Resized resized{fields.required_integer("event_id", k_id_max),
                        fields.required_integer("total_tickets")};
  fields.no_others();
  return resized;
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
    } else if (is_a("fault", value.get_object())) {
      stored.history.faults.push_back(fault_from(value.get_object(), error));
    } else if (is_a("resized", value.get_object())) {
      stored.history.resized.push_back(resized_from(value.get_object(), error));
    } else {
      Entry entry = entry_from(value.get_object(), error);
      if (error.empty()) error = sequence.take(entry, lines);
      if (error.empty()) stored.history.entries.push_back(std::move(entry));
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
