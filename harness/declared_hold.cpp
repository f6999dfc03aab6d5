// See declared_hold.hpp.
//
// The middle one of all reservations counts: a few that are held otherwise are for the oracle to
// judge, and one whose row was begun long before its hold was (a transaction that waited) says
// little.
#include "harness/declared_hold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <unordered_map>
#include <vector>

#include "harness/run_directory.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {
namespace {

using properties::AuditedReservation;
using properties::Entry;

/// Of the history so many lines are looked at: a load may have millions.
constexpr std::int64_t k_lines_enough = 100'000;

/// How much longer than declared each reservation is held, microseconds.
struct Differences {
  std::vector<std::int64_t> by_rows, by_replies;
};

std::int64_t middle_of(std::vector<std::int64_t>& values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool made_a_hold(const Entry& entry) {
  return entry.type == properties::EntryType::ok && entry.f == properties::Function::reserve &&
         entry.out.http == 201 && entry.out.reservation_id.has_value();
}

/// By the row, or by what the reply promised where that is nearer to what was declared: a row's end
/// may have been put off since, and a reply's moment may be of another clock, or time zone.
std::int64_t longer_by_row(const AuditedReservation& row, std::optional<std::int64_t> promised_us,
                           std::int64_t hold_us) {
  const std::int64_t by_row = row.expires_us - row.created_us - hold_us;
  const std::int64_t by_reply = promised_us ? *promised_us - row.created_us - hold_us : by_row;
  return std::abs(by_reply) < std::abs(by_row) ? by_reply : by_row;
}

Differences differences(const properties::History& history, const properties::Audit* audit,
                        std::int64_t wall_offset_ns) {
  std::unordered_map<std::int64_t, const AuditedReservation*> rows;
  if (audit) {
    for (const AuditedReservation& row : audit->reservations)
      rows.emplace(row.reservation_id, &row);
  }
  std::unordered_map<std::int64_t, std::int64_t> calls;  // of each process, its latest
  const std::int64_t hold_us = history.header.hold_us;
  Differences found;
  for (const Entry& entry : history.entries) {
    if (entry.type == properties::EntryType::invoke) calls[entry.process] = entry.t_ns;
    if (!made_a_hold(entry)) continue;
    const auto row = rows.find(*entry.out.reservation_id);
    const bool has_row = row != rows.end();
    if (!has_row && !entry.out.expires_us) continue;
    if (has_row) {
      found.by_rows.push_back(longer_by_row(*row->second, entry.out.expires_us, hold_us));
    } else {  // made at any moment between call and return: what fits best
      const auto wall_us = [&](std::int64_t t_ns) { return (t_ns + wall_offset_ns) / 1000; };
      const std::int64_t until_us = *entry.out.expires_us;
      const std::int64_t made_us =
          std::clamp(until_us - hold_us, wall_us(calls[entry.process]),
                     std::max(wall_us(calls[entry.process]), wall_us(entry.t_ns)));
      found.by_replies.push_back(until_us - made_us - hold_us);
    }
  }
  return found;
}

properties::Breakage contradiction(std::int64_t longer_us, std::int64_t hold_us, const char* by) {
  const auto text = [](std::int64_t us) { return duration_text(std::chrono::microseconds(us)); };
  constexpr std::int64_t k_rounded_us = 100'000;
  longer_us = std::clamp(longer_us, -properties::k_span_us_max, properties::k_span_us_max);
  const std::int64_t held_us =
      (hold_us + longer_us + k_rounded_us / 2) / k_rounded_us * k_rounded_us;
  return {
      fmt::format("by {} reservations are held for {}, and --hold says {}: give the server's own "
                  "time, or when holds ended cannot be judged",
                  by, held_us > 0 ? text(held_us) : "no time at all", text(hold_us)),
      std::abs(longer_us)};
}

}  // namespace

properties::Breakage contradicted_hold(const properties::History& history,
                                       const properties::Audit* audit,
                                       std::int64_t wall_offset_ns) {
  constexpr std::int64_t k_by_rows_us = 1'000'000, k_by_replies_us = 10'000'000;
  Differences found = differences(history, audit, wall_offset_ns);
  const std::int64_t hold_us = history.header.hold_us;
  if (!found.by_rows.empty()) {
    const std::int64_t longer_us = middle_of(found.by_rows);
    if (std::abs(longer_us) <= k_by_rows_us) return {};
    return contradiction(longer_us, hold_us, "their rows");
  }
  if (found.by_replies.empty()) return {};
  const std::int64_t longer_us = middle_of(found.by_replies);
  if (std::abs(longer_us) <= k_by_replies_us) return {};
  return contradiction(longer_us, hold_us, "the replies, and by this machine's clock,");
}

std::string note_unknown_ends(const std::filesystem::path& trial, const WallClock& wall_clock) {
  const properties::History history = read_history_file(trial / "history.jsonl", k_lines_enough);
  properties::Breakage breakage = wall_clock.set_meanwhile(history.header.clock_slack_us);
  if (breakage.why.empty()) {
    const std::optional<properties::Audit> audit = read_audit_file(trial);
    breakage = contradicted_hold(history, audit ? &*audit : nullptr, WallClock::offset_now_ns());
  }
  if (!breakage.why.empty()) keep_breakage(trial, breakage);
  return breakage.why;
}

}  // namespace boxoffice::harness
