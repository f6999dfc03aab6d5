// Any bytes as an audit.jsonl: it is read or refused with its line; what was read is written and
// read again as it was; and a history without a single operation can be judged by it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "properties/audit_json.hpp"
#include "properties/verdict.hpp"

namespace {

using namespace boxoffice::properties;

void check(bool holds) {
  if (!holds) std::abort();
}

History history_of(const Audit& audit) {
  History history;
  history.header.hold_us = 1'000'000;
  for (const AuditedEvent& event : audit.events) {
    history.header.events.push_back(
        {event.event_id, event.total_tickets, event.total_tickets, event.version / 2});
  }
  return history;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_audit({reinterpret_cast<const char*>(data), size});
  if (!read) {
    check(read.error().line > 0 && !read.error().message.empty());
    return 0;
  }
  std::string text;
  append_audit(text, *read);
  const auto again = read_audit(text);
  check(again.has_value());
  check(again->events == read->events && again->reservations == read->reservations);
  JudgeOptions options;
  options.linearizability = Linearizability::always;
  options.search.steps_max = 20'000;
  check(judge(history_of(*read), *read, options).outcome != Outcome::pass);
  return 0;
}
