// See operations.hpp.
#include "properties/operations.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "properties/names.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::size_t k_none = static_cast<std::size_t>(-1);

/// Where a process stands: its open operation, and whether it may go on.
struct Process {
  std::size_t open = k_none;
  bool ended = false;
  std::int64_t last_ns = k_ever_ns;
};

class Pairing {
 public:
  explicit Pairing(const History& history) {
    for (const EventCapacity& event : history.header.events) {
      if (!events_.insert(event.event_id).second) {
        fault("the header names event " + std::to_string(event.event_id) + " twice");
      }
    }
    result_.operations.reserve(history.entries.size() / 2 + 1);
    indices_.reserve(history.entries.size());
    for (const Entry& entry : history.entries) take(entry);
    for (const auto& [id, process] : processes_) result_.unfinished += process.open != k_none;
    check_indices();
    const auto by_call = [](const Operation& a, const Operation& b) {
      return a.call_ns < b.call_ns || (a.call_ns == b.call_ns && a.index() < b.index());
    };
    auto& operations = result_.operations;
    if (!std::is_sorted(operations.begin(), operations.end(), by_call)) {
      std::stable_sort(operations.begin(), operations.end(), by_call);
    }
  }

  PairedHistory take_result() { return std::move(result_); }

 private:
  /// Processes are few at a time and met again and again: looked up once in a while.
  Process& process_of(std::int64_t id) {
    Met& met = met_[static_cast<std::uint64_t>(id) % met_.size()];
    if (!met.process || met.id != id) met = {id, &processes_[id]};
    return *met.process;
  }

  bool known_event(std::int64_t id) {
    if (id != last_event_ && !events_.contains(id)) return false;
    last_event_ = id;
    return true;
  }

  void take(const Entry& entry) {
    indices_.push_back(entry.index);
    Process& process = process_of(entry.process);
    if (entry.t_ns < process.last_ns) fault(entry, "went back in time");
    process.last_ns = entry.t_ns;
    if (entry.type == EntryType::invoke) {
      invoke(entry, process);
    } else {
      complete(entry, process);
    }
  }

  void invoke(const Entry& entry, Process& process) {
    if (process.open != k_none) fault(entry, "began an operation within another");
    if (process.ended) fault(entry, "went on after an indeterminate operation");
    if (!known_event(entry.event_id)) fault(entry, "named an event that the header does not");
    process.open = result_.operations.size();
    Operation operation;
    operation.invocation = &entry;
    operation.call_ns = entry.t_ns;
    operation.f = entry.f;
    operation.tickets = tickets(entry.in.quantity);
    const bool names = entry.f == Function::purchase || entry.f == Function::cancel;
    if (names) operation.reservation_or_absent = entry.in.reservation_id;
    result_.operations.push_back(operation);
  }

  void complete(const Entry& entry, Process& process) {
    if (process.open == k_none) {
      fault(entry, "completed an operation that it had not begun");
      return;
    }
    Operation& operation = result_.operations[process.open];
    process.open = k_none;
    process.ended = entry.type == EntryType::info;
    operation.completion = &entry;
    operation.type = entry.type;
    operation.created = entry.out.http == 201;
    operation.sold_out = entry.type == EntryType::fail && entry.error.code == "sold_out";
    if (entry.type != EntryType::info) take_reply(entry, operation);
    if (entry.f != operation.f || entry.event_id != operation.invocation->event_id) {
      fault(*operation.invocation, "completed another operation than it had begun");
    }
    if (entry.t_ns <= operation.call_ns) {
      fault(*operation.invocation, "had its reply no later than its call");
    }
  }

  static std::int32_t tickets(std::int64_t quantity) {
    constexpr std::int64_t k_most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(quantity, 0, k_most));
  }

  void take_reply(const Entry& entry, Operation& operation) {
    const Output& out = entry.out;
    operation.return_ns = entry.t_ns;
    operation.version_or_absent = out.version.value_or(Operation::k_absent);
    operation.available_or_absent = out.available.value_or(Operation::k_absent);
    // Of a success that tells of no ticket at all (X1, X4), what was asked for counts.
    const bool told = entry.type == EntryType::ok && out.quantity.value_or(0) > 0;
    if (told) operation.tickets = tickets(*out.quantity);
    if (!operation.ok(Function::reserve)) return;
    operation.reservation_or_absent = out.reservation_id.value_or(Operation::k_absent);
    if (!out.reservation_id) fault(*operation.invocation, "succeeded and named no reservation");
  }

  void check_indices() {
    sort_by_number(indices_, [](std::int64_t index) { return index; });
    const auto twice = std::adjacent_find(indices_.begin(), indices_.end());
    if (twice != indices_.end()) {
      fault("two entries have the index " + std::to_string(*twice));
    }
  }

  void fault(const Entry& entry, std::string_view what) {
    std::string message = "process " + std::to_string(entry.process);
    message.append(" ").append(what).append(" (").append(name_of(entry.f)).append(" #");
    message.append(std::to_string(entry.index)).append(", event ");
    message.append(std::to_string(entry.event_id)).append(")");
    result_.faults.push_back({std::move(message), entry.event_id, entry.t_ns, {entry.index}});
  }
  void fault(std::string message) {
    result_.faults.push_back({std::move(message), 0, k_ever_ns, {}});
  }

  PairedHistory result_;
  std::vector<std::int64_t> indices_;
  std::unordered_set<std::int64_t> events_;
  std::optional<std::int64_t> last_event_;
  std::unordered_map<std::int64_t, Process> processes_;
  struct Met {
    std::int64_t id = 0;
    Process* process = nullptr;  // maps do not move what they hold
  };
  std::array<Met, 1024> met_{};
};

}  // namespace

const Output& Operation::out() const {
  static const Output k_nothing;
  return completion ? completion->out : k_nothing;
}

const std::string& Operation::code() const {
  static const std::string k_nothing;
  return completion ? completion->error.code : k_nothing;
}

bool Operation::says_it_is_over() const {
  if (type != EntryType::fail) return false;
  return code() == "already_purchased" || code() == "already_cancelled" ||
         code() == "not_cancellable" || code() == "reservation_expired";
}

PairedHistory pair_entries(const History& history) {
  return Pairing(history).take_result();
}

}  // namespace boxoffice::properties
