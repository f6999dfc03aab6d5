// See undone_reads.hpp.
#include "properties/undone_reads.hpp"

#include <algorithm>
#include <unordered_map>

namespace boxoffice::properties {
namespace {

using Versions = std::unordered_map<std::int64_t, std::int64_t>;  // by event

/// A full disk ends it only sometimes. Histories of before do not say whether it did.
bool ends_the_database(const Fault& fault) {
  return fault.database_ended || (fault.landed && fault.kind == "kill-database");
}

/// It changed nothing, and says more than the event's numbers: of a hold that was found, or that
/// one is over. That stays, and is judged.
bool tells_of_a_reservation(const Operation& operation) {
  return operation.found_reservation() || operation.says_it_is_over();
}

/// The version up to which each event was certainly durable at `t_ns`.
Versions durable_at(std::int64_t t_ns, const History& history,
                    const std::vector<Operation>& operations) {
  Versions durable;
  for (const EventCapacity& event : history.header.events) durable[event.event_id] = event.version;
  for (const Operation& operation : operations) {
    const bool changed = operation.made_reservation() || operation.ok(Function::cancel);
    if (!changed || !operation.version() || operation.return_ns > t_ns) continue;
    auto& version = durable[operation.invocation->event_id];
    version = std::max(version, *operation.version());
  }
  return durable;
}

}  // namespace

std::int64_t set_aside_undone_reads(const History& history, std::vector<Operation>& operations) {
  std::int64_t count = 0;
  if (!history.header.early_visibility) return count;
  for (const Fault& fault : history.faults) {
    if (!ends_the_database(fault)) continue;
    Versions durable = durable_at(fault.t_ns, history, operations);
    for (Operation& operation : operations) {
      if (operation.call_ns > fault.healed_ns || !operation.version()) continue;
      const bool only_looked = operation.ok(Function::read) || operation.sold_out;
      if (!only_looked && !tells_of_a_reservation(operation)) continue;
      if (*operation.version() <= durable[operation.invocation->event_id]) continue;
      if (only_looked) operation.type = EntryType::fail;
      operation.sold_out = false;
      operation.version_or_absent = operation.available_or_absent = Operation::k_absent;
      ++count;
    }
  }
  return count;
}

}  // namespace boxoffice::properties
