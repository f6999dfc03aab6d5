// Reads manifest.json. Fields that docs/run-directory.md calls optional are empty where they are
// absent.
#include "reports/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boxoffice::reports {
namespace {

/// They print what they found, of servers that they know from outside.
constexpr std::array<std::string_view, 3> k_without_report = {"load", "merge", "search"};

Host parse_host(const Fields& fields) {
  return {.cores = fields.count("cores"),
          .memory_bytes = fields.count("memory_bytes"),
          .kernel = fields.text("kernel"),
          .cpu = fields.text("cpu"),
          .governor = fields.text_or_null("governor")};
}

DatabaseFacts parse_database(const Fields& fields) {
  return {.engine = fields.text("engine"),
          .version = fields.text("version"),
          .settings = fields.named_texts("settings"),
          .durability = fields.text("durability"),
          .storage = fields.text("storage"),
          .isolation = fields.text("isolation")};
}

/// One database is an object, several (a comparison across engines) are an array of them.
std::vector<DatabaseFacts> parse_databases(const Fields& fields, const boost::json::value& value) {
  std::vector<DatabaseFacts> databases;
  if (value.at("database").is_array()) {
    for (const Fields& item : fields.objects("database")) databases.push_back(parse_database(item));
  } else {
    databases.push_back(parse_database(fields.object("database")));
  }
  return databases;
}

std::map<std::string, Complexity> parse_complexity(const Fields& fields) {
  std::map<std::string, Complexity> complexity;
  if (!fields.has("complexity")) return complexity;
  const Fields strategies = fields.object("complexity");
  for (const std::string& name : strategies.names()) {
    const Fields strategy = strategies.object(name);
    complexity[name] = {strategy.count("lines")};
  }
  return complexity;
}

void parse_lists(const Fields& fields, Manifest& manifest) {
  manifest.argv = fields.texts("argv");
  manifest.environment = fields.named_texts("environment");
  manifest.replay = fields.text_or("replay", "");
  manifest.configuration = fields.named_texts("configuration");
  manifest.warnings = fields.texts("warnings");
  for (const Fields& line : fields.objects("reference")) {
    manifest.reference.push_back({.name = line.text("name"),
                                  .database = line.text_or("database", ""),
                                  .strategy = line.text("strategy"),
                                  .clients = line.count("clients"),
                                  .per_s = line.number("per_s")});
    ReferenceLine& read = manifest.reference.back();
    read.low_per_s = read.high_per_s = read.per_s;
    if (!line.has("rounds")) continue;  // of a program that measured each once
    read.rounds = line.count("rounds");
    read.low_per_s = line.number("low_per_s");
    read.high_per_s = line.number("high_per_s");
  }
  for (const Fields& scenario : fields.objects("scenarios")) {
    manifest.scenarios.push_back({.name = scenario.text("name"),
                                  .summary = scenario.text_or("summary", ""),
                                  .events = scenario.has("events") ? scenario.count("events") : 0,
                                  .mix = ""});
  }
  for (const Fields& threshold : fields.objects("thresholds")) {
    manifest.thresholds.push_back(
        {threshold.text("threshold"), threshold.text_or("measured", ""), threshold.flag("held")});
  }
}

}  // namespace

bool ScenarioFacts::only_reserves() const {
  return mix.starts_with("reserve ") && mix.find(',') == std::string::npos;
}

std::optional<std::vector<std::string>> listed_trials(const boost::json::value& manifest,
                                                      const std::string& where) {
  const Fields fields(manifest, where);
  if (!fields.has("trials") || !fields.text_or_null("finished_at")) return std::nullopt;
  return fields.texts("trials");
}

Manifest parse_manifest(const boost::json::value& value, const std::string& where) {
  const Fields fields(value, where);
  fields.expect_schema("boxoffice.manifest/1");
  Manifest manifest;
  manifest.run_id = fields.text("run_id");
  manifest.command = fields.text("command");
  manifest.started_at = fields.text("started_at");
  manifest.finished_at = fields.text_or_null("finished_at");
  manifest.interrupted = fields.flag("interrupted");
  manifest.broke_off = fields.text_or("broke_off", "");
  manifest.harness_error = fields.text_or("harness_error", "");
  manifest.seed = fields.seed("seed");
  manifest.git_commit = fields.text("git_commit");
  manifest.build_type = fields.text("build_type");
  manifest.version = fields.text("version");
  manifest.host = parse_host(fields.object("host"));
  if (!fields.has("database")) {
    const bool without = std::ranges::count(k_without_report, manifest.command) > 0;
    if (without) throw DamagedRun(fmt::format("a {} run has no report", manifest.command));
    fields.fail("database", "is missing");
  }
  manifest.databases = parse_databases(fields, value);
  manifest.rounds = fields.count("rounds");
  manifest.self_rounds = fields.has("self_rounds") ? fields.count("self_rounds") : 0;
  manifest.indicative = fields.flag("indicative");
  manifest.complexity = parse_complexity(fields);
  parse_lists(fields, manifest);
  manifest.trials = listed_trials(value, where);
  return manifest;
}

}  // namespace boxoffice::reports
