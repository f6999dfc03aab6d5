// See scenario.hpp.
#include "harness/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "harness/failure.hpp"
#include "harness/scenario_demand.hpp"
#include "harness/stages.hpp"
#include "harness/toml_table.hpp"

namespace boxoffice::harness {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_scenario_files;

namespace {

constexpr std::size_t k_rates_max = 50;

void read_connections(TomlTable& table, std::vector<std::int64_t>& connections) {
  const toml::node* node = table.find("connections");
  if (!node) return;
  connections.clear();
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& item : *array)
      connections.push_back(item.value<std::int64_t>().value_or(0));
  }
  for (const std::int64_t each : connections) {
    if (each < 1 || each > 100'000) connections.clear();
  }
  if (connections.empty())
    table.fail("connections", "must be a list of whole numbers from 1 to 100000");
  // The same cell twice would be two figures of which one had to be chosen.
  std::set<std::int64_t> seen;
  for (const std::int64_t each : connections) {
    if (!seen.insert(each).second) table.fail("connections", fmt::format("has {} twice", each));
  }
}

void read_rates(TomlTable& load, Scenario& scenario) {
  const toml::node* node = load.find("rate_per_s");
  if (!node) return;
  if (!node->is_array()) {
    double rate = 0;
    load.number("rate_per_s", rate);
    if (rate > 0) scenario.rates_per_s = {rate};
  } else {
    for (const toml::node* item : load.one_or_more("rate_per_s")) {
      const auto rate = item->is_number() ? item->value<double>() : std::nullopt;
      if (!rate || !std::isfinite(*rate) || *rate <= 0)
        load.fail_at(*item, "rate_per_s", "must be a number, or a list of numbers above 0");
      if (std::ranges::count(scenario.rates_per_s, *rate))
        load.fail_at(*item, "rate_per_s", fmt::format("has {} twice", *rate));
      scenario.rates_per_s.push_back(*rate);
    }
    if (scenario.rates_per_s.empty() || scenario.rates_per_s.size() > k_rates_max)
      load.fail("rate_per_s", fmt::format("must have 1 to {} rates", k_rates_max));
  }
  if (!scenario.rates_per_s.empty()) scenario.rate_per_s = scenario.rates_per_s.back();
}

void read_stages(TomlTable& load, Scenario& scenario) {
  if (!load.find("stages")) return;
  for (const char* key : {"rate_per_s", "duration"}) {
    if (load.find(key)) load.fail(key, "is what the stages say: leave one of the two out");
  }
  std::vector<std::string> texts;
  for (const toml::node* item : load.one_or_more("stages")) {
    const auto text = item->value_exact<std::string>();
    if (!text) load.fail_at(*item, "stages", "must be a list of texts such as \"100/s:10s\"");
    texts.push_back(*text);
  }
  try {
    for (const std::string& text : texts) scenario.stages.push_back(parse_stage(text));
    expect_requests(scenario.stages);
  } catch (const UsageError& error) {
    load.fail("stages", error.what());
  }
  scenario.duration = load::duration_of(scenario.stages);
}

void read_mix(TomlTable& load, Scenario& scenario) {
  auto mix = load.table("mix");
  if (!mix) return;
  scenario.mix = {.reserve = 0};
  mix->number("reserve", scenario.mix.reserve);
  mix->number("purchase", scenario.mix.purchase);
  mix->number("cancel", scenario.mix.cancel);
  mix->number("read", scenario.mix.read);
  mix->number("stranger", scenario.mix.stranger);
  mix->number("repeat", scenario.mix.repeat);
  mix->expect_nothing_more();
  if (scenario.mix.sum() <= 0) load.fail("mix", "has weights that sum to nothing");
  // Without one there is never a hold to close, and all that is sent is reads.
  if (scenario.mix.reserve <= 0 && scenario.mix.sum() > scenario.mix.read)
    load.fail("mix", "has no reserve: nothing would ever be held that the others could close");
  if (scenario.mix.stranger > 0 && scenario.mix.purchase + scenario.mix.cancel <= 0)
    load.fail("mix", "has strangers, but neither purchase nor cancel for them to try");
}

void read_skew(TomlTable& load, load::Skew& skew) {
  auto table = load.table("skew");
  if (!table) return;
  table->choose<load::SkewKind>("kind", skew.kind,
                                {{"uniform", load::SkewKind::uniform},
                                 {"zipf", load::SkewKind::zipf},
                                 {"hot", load::SkewKind::hot}});
  std::string kind = "uniform";
  table->text("kind", kind);
  // Of another kind they would be a setting that is silently not made.
  for (const auto& [key, of] : {std::pair("theta", "zipf"), std::pair("hot_events", "hot"),
                                std::pair("hot_share", "hot")}) {
    if (table->find(key) && kind != of)
      table->fail(key, fmt::format("is of kind \"{}\" only, and the kind is \"{}\"", of, kind));
  }
  table->number("theta", skew.theta);
  table->number("hot_share", skew.hot_share);
  std::int64_t hot_events = 1;
  table->count("hot_events", hot_events, 1, 1'000'000);
  skew.hot_events = static_cast<std::size_t>(hot_events);
  table->expect_nothing_more();
  if (skew.hot_share > 1) load.fail("skew", "has a hot_share above 1");
}

void read_load(TomlTable& load, Scenario& scenario) {
  read_connections(load, scenario.connections);
  load.duration("warmup", scenario.warmup);
  load.duration("duration", scenario.duration);
  load.duration("think", scenario.think);
  read_rates(load, scenario);
  read_stages(load, scenario);
  if (scenario.think.count() > 0 && (scenario.rate_per_s || !scenario.stages.empty()))
    load.fail("think",
              "is of a closed loop: with rate_per_s or stages requests leave on a schedule");
  read_mix(load, scenario);
  read_skew(load, scenario.skew);
  load.choose<load::UserChoice>("user_choice", scenario.user_choice,
                                {{"one_reserve_per_user", load::UserChoice::one_reserve_per_user},
                                 {"stay", load::UserChoice::stay},
                                 {"leave", load::UserChoice::leave}});
  if (scenario.user_choice == load::UserChoice::leave &&
      (scenario.rate_per_s || !scenario.stages.empty() || scenario.warmup.count() > 0))
    load.fail("user_choice",
              "\"leave\" is for a closed loop without a warm-up: who has left does not come back");
  load.count("quantity_max", scenario.quantity_max, 1, 1000);
  load.expect_nothing_more();
  if (scenario.metric == ScenarioMetric::time_to_sell_out && scenario.warmup.count() > 0)
    load.fail("warmup",
              "sells tickets before the window whose time counts: leave it out where the "
              "metric is time_to_sell_out");
  if (scenario.duration.count() <= 0) load.fail("duration", "must be longer than nothing");
}

void read_evidence(TomlTable& root, properties::EvidenceWanted& evidence) {
  const toml::node* node = root.find("evidence");
  if (!node) return;
  const std::map<std::string, bool*> words = {{"sold_out", &evidence.sold_out},
                                              {"contention", &evidence.contention},
                                              {"expiry", &evidence.expiry},
                                              {"cancel", &evidence.cancel}};
  const toml::array* array = node->as_array();
  if (!array) root.fail("evidence", "must be a list");
  for (const toml::node& item : *array) {
    const auto found = words.find(item.value<std::string>().value_or(""));
    if (found == words.end())
      root.fail("evidence", "may hold: cancel, contention, expiry, sold_out");
    *found->second = true;
  }
}

// It becomes part of paths, and a word of a line.
void expect_name(const TomlTable& root, const std::string& name) {
  if (name.empty()) root.fail("name", "is missing");
  const bool plain =
      name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (!plain)
    root.fail("name",
              "must be at most 64 letters, digits, '.', '_' or '-', and not begin with '.'");
}

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& where) {
  const toml::table parsed = parse_toml(text, where);
  TomlTable root(parsed, where);
  Scenario scenario;
  root.text("name", scenario.name);
  root.text("summary", scenario.summary);
  expect_name(root, scenario.name);
  root.choose<ScenarioMetric>("metric", scenario.metric,
                              {{"goodput", ScenarioMetric::goodput},
                               {"time_to_sell_out", ScenarioMetric::time_to_sell_out}});
  root.count("users", scenario.users, 1, 10'000'000);
  if (auto events = root.table("events")) {
    events->count("count", scenario.events, 1, 100'000);
    events->count("tickets", scenario.tickets, 1, 1'000'000'000);
    events->expect_nothing_more();
  }
  if (auto load = root.table("load")) read_load(*load, scenario);
  if (auto server = root.table("server")) {
    server->duration("hold", scenario.hold);
    server->duration("sweep_interval", scenario.sweep_interval);
    server->expect_nothing_more();
    if (milliseconds(scenario.hold).count() < 1) server->fail("hold", "must be 1ms or longer");
  }
  read_evidence(root, scenario.evidence);
  root.expect_nothing_more();
  expect_demand(root, scenario);
  return scenario;
}

void expect_users(const Scenario& scenario, std::int64_t connections) {
  if (scenario.mix.reserve <= 0 || scenario.users >= connections) return;
  throw UsageError(
      fmt::format("{}: users = {} for {} connections: each needs a user of its own, because an "
                  "active hold makes further reserves of the same user idempotent",
                  scenario.name, scenario.users, connections));
}

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> names;
  for (const auto& [file, text] : k_scenario_files)
    names.emplace_back(file.substr(0, file.rfind('.')));
  return names;
}

Scenario load_scenario(const std::string& name_or_path) {
  for (const auto& [file, text] : k_scenario_files) {
    if (file == name_or_path + ".toml") return parse_scenario(text, name_or_path);
  }
  std::ifstream in(name_or_path);
  if (!in || std::filesystem::is_directory(name_or_path)) {
    std::string names;
    for (const std::string& name : shipped_scenarios()) names += (names.empty() ? "" : ", ") + name;
    throw UsageError(
        fmt::format("unknown scenario '{}': name a TOML file or one of {}", name_or_path, names));
  }
  std::stringstream text;
  text << in.rdbuf();
  return parse_scenario(text.str(), name_or_path);
}

}  // namespace boxoffice::harness
