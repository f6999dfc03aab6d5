// Any bytes as a history.jsonl: it is read or refused with its line; what was read is written and
// read again as it was; and judging it, with bounds, ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "properties/history_json.hpp"
#include "properties/verdict.hpp"

namespace {

using namespace boxoffice::properties;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_round_trip(const History& history) {
  std::string text;
  append_line(text, history.header);
  for (const Entry& entry : history.entries) append_line(text, entry);
  append_end(text, static_cast<std::int64_t>(history.entries.size()));
  for (const Fault& fault : history.faults) append_line(text, fault);
  for (const FinalCapacity& capacity : history.capacities) append_line(text, capacity);
  for (const Breakage& breakage : history.breakages) append_line(text, breakage);
  const auto again = read_history(text);
  check(again.has_value());
  check(again->history.header == history.header);
  check(again->history.entries == history.entries);
  check(again->history.faults == history.faults);
  check(again->history.capacities == history.capacities);
  check(again->history.breakages == history.breakages);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_history({reinterpret_cast<const char*>(data), size});
  if (!read) {
    check(read.error().line > 0 && !read.error().message.empty());
    return 0;
  }
  check_round_trip(read->history);
  JudgeOptions options;
  options.linearizability = Linearizability::always;
  options.search.steps_max = 20'000;
  const Verdict verdict = judge(read->history, std::nullopt, options);
  check(verdict.outcome != Outcome::pass || read->history.flaws.empty());
  return 0;
}
