// What one trial is to do: the variant, the load and how long it lasts, and the first line of its
// history, which says what was there before.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault.hpp"
#include "harness/load/plan.hpp"
#include "harness/scenario.hpp"
#include "harness/variant.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// Two clocks of one machine, read in different processes, over a few seconds: their rates differ
/// by far less.
inline constexpr std::int64_t k_clock_slack_us = 5'000;

/// What a trial that is only judged has seen at least, where its scenario promises evidence.
inline constexpr std::int64_t k_operations_to_judge = 1'000;

struct TrialSpec {
  std::int64_t index = 0;
  std::int64_t round = 1;
  std::size_t database = 0;  ///< which of the run's databases
  Variant variant;
  Scenario scenario;
  std::int64_t connections = 0;
  std::int64_t threads = 1;
  std::int64_t instances = 1;  ///< servers on the one database, that each client asks in turn
  std::int64_t pool = 0;       ///< database connections of each server
  std::uint64_t seed = 1;
  bool repeated = false;
  bool compared = false;  ///< with other variants: its goodput must not be cut short by the supply
  /// The load outlasts its scenario's time until so many operations have ended, ten times that time
  /// at most: a verdict needs to have seen something, and how much happens in two seconds is the
  /// machine's affair. Not with stages.
  std::int64_t operations_min = 0;
  std::optional<FaultPlan> fault;  ///< what happens to server or database during the load

  /// "postgresql-pessimistic-hot-event-c64", of an offered rate "...-c64-r200", with several
  /// instances "...-c64-i2"
  std::string directory_name(const std::string& engine) const;
};

/// So long a client of the trial waits for a reply, and the load for those in flight at its end.
/// Without a fault that is longer than the load lasts: who asks first and is served last has waited
/// all that time. Were he told "overloaded" meanwhile he would ask again, and his response time
/// would begin anew: the slower the variant, the more flattering.
std::chrono::milliseconds patience_of(const TrialSpec& spec);

/// The first lines of history.jsonl for a run against these events.
properties::Header history_header(const std::string& run_id, std::uint64_t seed,
                                  const Scenario& scenario,
                                  const std::vector<std::int64_t>& events);

load::LoadPlan load_plan(const TrialSpec& spec, const std::vector<std::string>& targets,
                         const std::vector<load::User>& users,
                         const std::vector<std::int64_t>& events,
                         const std::filesystem::path& history);

}  // namespace boxoffice::harness
