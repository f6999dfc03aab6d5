// A scenario: what is for sale, who wants it, and what the run must have met to count. A TOML file;
// the shipped ones are in harness/scenarios/ and are part of the program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/plan.hpp"
#include "harness/units.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// What variants are compared on. Where tickets run out everyone sells all, so there the time to do
/// so counts.
enum class ScenarioMetric { goodput, time_to_sell_out };

struct Scenario {
  std::string name;
  std::string summary;  ///< one line for the report
  ScenarioMetric metric = ScenarioMetric::goodput;

  std::int64_t events = 1;
  std::int64_t tickets = 100;  ///< per event
  std::int64_t users = 1000;   ///< accounts that take turns

  std::vector<std::int64_t> connections = {64};
  Duration warmup{0};
  Duration duration = std::chrono::seconds(2);
  std::vector<double> rates_per_s;   ///< open loop, a cell of a comparison each; or none
  std::optional<double> rate_per_s;  ///< open loop: what a trial offers, the last of them
  std::vector<load::Stage> stages;   ///< open loop whose rate changes; duration is their sum
  Duration think{0};
  load::Mix mix;
  load::Skew skew;
  load::UserChoice user_choice = load::UserChoice::one_reserve_per_user;
  std::int64_t quantity_max = 1;

  Duration hold = std::chrono::minutes(5);
  Duration sweep_interval = std::chrono::minutes(1);

  properties::EvidenceWanted evidence;
};

/// The shipped scenario of that name, or the file at that path. Throws UsageError: no such scenario
/// (lists the names), a file that is not TOML (line and what), an unknown key, a value that makes
/// no sense.
Scenario load_scenario(const std::string& name_or_path);

/// Reads a scenario from TOML text; `where` is what messages start with.
Scenario parse_scenario(std::string_view toml, const std::string& where);

/// Throws UsageError where so many connections have not a user each, whom they need to reserve.
void expect_users(const Scenario& scenario, std::int64_t connections);

std::vector<std::string> shipped_scenarios();

}  // namespace boxoffice::harness
