// The reader of history.jsonl. Boost.JSON parses a line into a block of memory that is used again
// for the next one, so that a million lines cost no allocation but those of the entries themselves.
#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "properties/history_json.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

template <class Enum>
Enum word(JsonFields& fields, std::string_view key,
          std::optional<Enum> (*named)(std::string_view)) {
  const std::optional<Enum> value = named(fields.required_word(key));
  if (!value) fields.fail(key, "is no word of the vocabulary");
  return value.value_or(Enum{});
}

Input input_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  return {fields.integer("user_id"), fields.integer("quantity"), fields.integer("reservation_id")};
}

Output output_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Output out;
  out.http = static_cast<int>(fields.integer("http"));
  out.reservation_id = fields.optional_integer("reservation_id");
  out.user_id = fields.optional_integer("user_id");
  out.quantity = fields.optional_integer("quantity");
  if (object.contains("status")) out.status = word(fields, "status", reservation_status_named);
  out.available = fields.optional_integer("available");
  out.version = fields.optional_integer("version");
  out.expires_us = fields.optional_integer("expires_us");
  return out;
}

Error error_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  return {fields.text("code"), static_cast<int>(fields.integer("http")), fields.text("phase")};
}

Entry entry_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Entry entry;
  entry.index = fields.required_integer("index");
  entry.t_ns = fields.required_integer("t_ns");
  entry.t_sched_ns = fields.integer("t_sched_ns");
  entry.process = fields.required_integer("process");
  entry.type = word(fields, "type", entry_type_named);
  entry.f = word(fields, "f", function_named);
  entry.event_id = fields.required_integer("event_id");
  entry.request_id = fields.text("request_id");
  if (const json::object* in = fields.nested("in")) entry.in = input_from(*in, error);
  if (const json::object* out = fields.nested("out")) entry.out = output_from(*out, error);
  if (const json::object* why = fields.nested("error")) entry.error = error_from(*why, error);
  return entry;
}

EventCapacity capacity_from(const json::value& value, std::string& error) {
  if (!value.is_object()) {
    error = "an element of \"events\" is not an object";
    return {};
  }
  JsonFields fields(value.get_object(), error);
  return {fields.required_integer("event_id"), fields.required_integer("total_tickets"),
          fields.required_integer("available_tickets"), fields.integer("version")};
}

Header header_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Header header;
  if (fields.required_word("schema") != k_history_schema) {
    fields.fail("schema", "is not \"" + std::string(k_history_schema) + "\"");
  }
  header.run_id = fields.text("run_id");
  header.seed = fields.unsigned_integer("seed");
  header.hold_us = fields.integer("hold_us");
  header.clock_slack_us = fields.integer("clock_slack_us");
  if (const json::array* events = fields.list("events")) {
    for (const json::value& event : *events) header.events.push_back(capacity_from(event, error));
  }
  if (const json::object* wanted = fields.nested("evidence")) {
    JsonFields evidence(*wanted, error);
    header.evidence.sold_out = evidence.boolean("sold_out", false);
    header.evidence.contention = evidence.boolean("contention", false);
    header.evidence.expiry = evidence.boolean("expiry", false);
    header.evidence.cancel = evidence.boolean("cancel", false);
  }
  header.versions = fields.boolean("versions", true);
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
    } else {
      Entry entry = entry_from(value.get_object(), error);
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
  }
  return state_->error.empty();
}

ReadResult<StoredHistory> HistoryReader::finish() {
  const std::unique_ptr<State> state = std::exchange(state_, std::make_unique<State>());
  if (!state->error.empty()) return ReadError{state->lines, std::move(state->error)};
  if (state->lines == 0) return ReadError{1, "the history has no header line"};
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
