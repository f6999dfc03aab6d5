// See scenario.hpp. Every key is taken out of the table as it is read, so that what is left over is
// unknown.
#include "harness/scenario.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "harness/failure.hpp"

namespace boxoffice::harness {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_scenario_files;

namespace {

class Table {
 public:
  Table(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  const toml::node* find(std::string_view key) {
    known_.insert(std::string(key));
    return table_.get(key);
  }

  template <class T>
  std::optional<T> get(std::string_view key, const char* form) {
    const toml::node* node = find(key);
    if (!node) return std::nullopt;
    const auto value = node->value_exact<T>();
    if (!value) fail(key, form);
    return value;
  }

  void text(std::string_view key, std::string& value) {
    if (auto read = get<std::string>(key, "must be a text")) value = *read;
  }

  void count(std::string_view key, std::int64_t& value, std::int64_t least, std::int64_t most) {
    const auto read = get<std::int64_t>(key, "must be a whole number");
    if (!read) return;
    if (*read < least || *read > most)
      fail(key, fmt::format("must be from {} to {}", least, most).c_str());
    value = *read;
  }

  void number(std::string_view key, double& value) {
    const toml::node* node = find(key);
    if (!node) return;
    const auto read = node->is_number() ? node->value<double>() : std::nullopt;
    if (!read || !std::isfinite(*read) || *read < 0)
      fail(key, "must be a number that is not negative");
    value = *read;
  }

  void duration(std::string_view key, Duration& value) {
    const auto read = get<std::string>(key, "must be a duration in quotes, such as \"1s\"");
    if (!read) return;
    try {
      value = parse_duration(*read);
    } catch (const UsageError& error) {
      fail(key, error.what());
    }
  }

  std::optional<Table> table(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return std::nullopt;
    if (!node->is_table()) fail(key, "must be a table");
    return Table(*node->as_table(), where_);
  }

  void expect_nothing_more() const {
    for (const auto& [key, node] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      std::string names;
      for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
      throw UsageError(fmt::format("{}: line {}: unknown key '{}' (known: {})", where_,
                                   node.source().begin.line, key.str(), names));
    }
  }

  [[noreturn]] void fail(std::string_view key, const std::string& why) const {
    const toml::node* node = table_.get(key);
    const auto line = (node ? node->source() : table_.source()).begin.line;
    throw UsageError(fmt::format("{}: line {}: '{}' {}", where_, std::max(line, 1U), key, why));
  }

 private:
  const toml::table& table_;
  std::string where_;
  std::set<std::string> known_;
};

// One of a few words; `words` maps them to values.
template <class Value>
void choose(Table& table, std::string_view key, Value& value,
            const std::map<std::string, Value>& words) {
  const auto word = table.get<std::string>(key, "must be a text");
  if (!word) return;
  const auto found = words.find(*word);
  if (found == words.end()) {
    std::string names;
    for (const auto& [name, unused] : words) names += (names.empty() ? "" : ", ") + name;
    table.fail(key, fmt::format("is '{}', must be one of: {}", *word, names));
  }
  value = found->second;
}

void read_connections(Table& table, std::vector<std::int64_t>& connections) {
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
}

void read_mix(Table& load, Scenario& scenario) {
  auto mix = load.table("mix");
  if (!mix) return;
  scenario.mix = {0, 0, 0, 0};
  mix->number("reserve", scenario.mix.reserve);
  mix->number("purchase", scenario.mix.purchase);
  mix->number("cancel", scenario.mix.cancel);
  mix->number("read", scenario.mix.read);
  mix->expect_nothing_more();
  if (scenario.mix.reserve + scenario.mix.purchase + scenario.mix.cancel + scenario.mix.read <= 0) {
    load.fail("mix", "has weights that sum to nothing");
  }
}

void read_skew(Table& load, load::Skew& skew) {
  auto table = load.table("skew");
  if (!table) return;
  choose<load::SkewKind>(*table, "kind", skew.kind,
                         {{"uniform", load::SkewKind::uniform},
                          {"zipf", load::SkewKind::zipf},
                          {"hot", load::SkewKind::hot}});
  table->number("theta", skew.theta);
  table->number("hot_share", skew.hot_share);
  std::int64_t hot_events = 1;
  table->count("hot_events", hot_events, 1, 1'000'000);
  skew.hot_events = static_cast<std::size_t>(hot_events);
  table->expect_nothing_more();
  if (skew.hot_share > 1) load.fail("skew", "has a hot_share above 1");
}

void read_load(Table& load, Scenario& scenario) {
  read_connections(load, scenario.connections);
  load.duration("warmup", scenario.warmup);
  load.duration("duration", scenario.duration);
  load.duration("think", scenario.think);
  double rate = 0;
  load.number("rate_per_s", rate);
  if (rate > 0) scenario.rate_per_s = rate;
  read_mix(load, scenario);
  read_skew(load, scenario.skew);
  choose<load::UserChoice>(load, "user_choice", scenario.user_choice,
                           {{"one_reserve_per_user", load::UserChoice::one_reserve_per_user},
                            {"stay", load::UserChoice::stay}});
  load.count("quantity_max", scenario.quantity_max, 1, 1000);
  load.expect_nothing_more();
  if (scenario.duration.count() <= 0) load.fail("duration", "must be longer than nothing");
}

void read_evidence(Table& root, properties::EvidenceWanted& evidence) {
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

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& where) {
  toml::table parsed;
  try {
    parsed = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw UsageError(
        fmt::format("{}: line {}: {}", where, error.source().begin.line, error.description()));
  }
  Table root(parsed, where);
  Scenario scenario;
  root.text("name", scenario.name);
  root.text("summary", scenario.summary);
  if (scenario.name.empty()) root.fail("name", "is missing");
  choose<ScenarioMetric>(root, "metric", scenario.metric,
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
  }
  read_evidence(root, scenario.evidence);
  root.expect_nothing_more();
  return scenario;
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
