// Writes run directories that look like the harness's own, from formulas.
#include "tests/reports/synthetic_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <fstream>
#include <utility>

#include "reports/html.hpp"
#include "reports/run_directory.hpp"
#include "reports/summary.hpp"
#include "tests/reports/synthetic_parts.hpp"

namespace boxoffice::reports::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

SyntheticRun::SyntheticRun(int rounds) : manifest(manifest_json(rounds)), rounds_(rounds) {
  std::string name = (fs::temp_directory_path() / "boxoffice-reports-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = name;
}

SyntheticRun::~SyntheticRun() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

SyntheticTrial& SyntheticRun::append(const std::string& variant, const std::string& scenario,
                                     int connections, int round) {
  const auto index = static_cast<std::int64_t>(trials.size());
  const std::string strategy = variant.substr(0, variant.find('+'));
  json::object trial{{"schema", "boxoffice.trial/1"},
                     {"index", index},
                     {"round", round},
                     {"control", false},
                     {"repeated", false},
                     {"database", "postgresql"},
                     {"strategy", strategy},
                     {"variant", variant},
                     {"event_concurrency", variant == strategy ? 0 : 4},
                     {"scenario", scenario},
                     {"metric", "goodput"},
                     {"connections", connections},
                     {"threads", 2},
                     {"loop", "closed"},
                     {"offered_per_s", nullptr},
                     {"warmup_s", 1},
                     {"duration_s", 5},
                     {"measured_s", 4},
                     {"started_per_s", 0.0},
                     {"goodput_per_s", 0.0},
                     {"time_to_sell_out_s", nullptr},
                     {"attempts_per_success", 1.0},
                     {"verdict", "pass"},
                     {"violations", json::array()},
                     {"figure_valid", true},
                     {"figure_why", ""},
                     {"durability", "full"},
                     {"storage", "disk"},
                     {"isolation", "read committed"},
                     {"pool", 16},
                     {"hold_ms", 300000},
                     {"scenario_settings", {{"mix", "reserve 1"}}},
                     {"seed", 4242 + index}};
  trials.push_back(
      {fmt::format("{:03}-postgresql-{}-{}-c{}", index, variant, scenario, connections),
       std::move(trial), "", ""});
  return trials.back();
}

void SyntheticRun::add(const std::string& variant, const std::string& scenario, int connections,
                       double per_s, double noise) {
  constexpr std::array<double, 7> k_pattern{1, -1, 0.5, -0.5, 0, 1, -0.25};
  for (int round = 0; round < rounds_; ++round) {
    SyntheticTrial& item = append(variant, scenario, connections, round);
    const double drift = 1 + 0.01 * (round % 3);
    const double own = 1 + noise * k_pattern[static_cast<std::size_t>(round) % k_pattern.size()];
    const double goodput = per_s * drift * own;
    const bool retries = variant.starts_with("optimistic");
    const double attempts = retries && scenario == "hot" ? 1 + std::log2(connections) / 6 : 1.0;
    const double scale_ms = 700.0 * connections / goodput;
    const auto success = static_cast<std::int64_t>(goodput * 4);
    item.trial["goodput_per_s"] = goodput;
    item.trial["started_per_s"] = goodput * 1.05;
    item.trial["attempts_per_success"] = attempts;
    item.trial["deadlocks"] = 0;
    item.trial["fairness"] = {{"jain", 1 / (1 + 0.004 * connections)}, {"users", 500}};
    item.trial["outcomes"] = {{"success", success},
                              {"existing", 0},
                              {"sold_out", 12},
                              {"refused", 0},
                              {"conflict", retries && scenario == "hot" ? success / 20 : 0},
                              {"lock_timeout", 0},
                              {"overload", 0},
                              {"error", 0},
                              {"indeterminate", 0}};
    item.trial["latency_ms"] = {{"service", latency_json(scale_ms)},
                                {"response", latency_json(scale_ms)},
                                {"schedule_lag", latency_json(0.125)}};
    item.latency = hdr_text(scale_ms);
    add_attribution(item.trial, scale_ms, success);
  }
}

void SyntheticRun::add_rush(const std::string& variant, int sold_out, double time_s) {
  add(variant, "rush", 64, 100);
  for (int round = 0; round < rounds_; ++round) {
    json::object& trial = trials[trials.size() - static_cast<std::size_t>(rounds_ - round)].trial;
    const double sold_out_s = time_s + 0.01 * round;
    trial["metric"] = "time_to_sell_out";
    trial["duration_s"] = 30;
    trial["measured_s"] = round < sold_out ? sold_out_s : 30;
    if (round < sold_out) trial["time_to_sell_out_s"] = sold_out_s;
  }
}

void SyntheticRun::add_idle(const std::string& variant, const std::string& scenario,
                            int connections) {
  add(variant, scenario, connections, 100);
  const json::object none{{"count", 0},     {"p50", nullptr},  {"p90", nullptr}, {"p95", nullptr},
                          {"p99", nullptr}, {"p999", nullptr}, {"max", nullptr}};
  for (int round = 0; round < rounds_; ++round) {
    SyntheticTrial& item = trials[trials.size() - static_cast<std::size_t>(rounds_ - round)];
    item.trial["goodput_per_s"] = 0.0;
    item.trial["attempts_per_success"] = nullptr;
    item.trial["outcomes"].as_object()["success"] = 0;
    item.trial["latency_ms"] = {{"service", none}, {"response", none}, {"schedule_lag", none}};
    item.trial.erase("reserve_times_ms");
    item.latency.clear();
  }
}

void SyntheticRun::add_control(bool caught) {
  add("naive", "hot", 32, 3000);
  trials.resize(trials.size() - static_cast<std::size_t>(rounds_) + 1);
  SyntheticTrial& item = trials.back();
  item.trial["control"] = true;
  item.trial["outcomes"].as_object()["success"] = 202;
  if (!caught) return;
  item.trial["verdict"] = "violation";
  item.trial["violations"] = {
      {{"invariant", "H5"},
       {"message", "version 40 was made twice: two reserves took one ticket"},
       {"event_id", 7},
       {"operations", {211, 212}},
       {"reservations", {101, 102}}}};
  item.history = lost_update_history();
}

void SyntheticRun::fill() {
  for (const int connections : {4, 16, 64}) {
    const double load = std::log2(connections);
    add("pessimistic", "hot", connections, 1500 - 60 * load, 0.004);
    add("pessimistic+admission", "hot", connections, 1620 - 10 * load, 0.004);
    add("optimistic", "hot", connections, 1450 - 170 * load, 0.02);
    add("atomic", "hot", connections, 1650 - 20 * load, 0.004);
    add("pessimistic", "spread", connections, 1700 + 60 * load, 0.02);
    add("pessimistic+admission", "spread", connections, 1700 + 58 * load, 0.02);
    add("optimistic", "spread", connections, 1820 + 95 * load, 0.02);
    add("atomic", "spread", connections, 1830 + 94 * load, 0.03);
  }
  add("pessimistic", "seed-100", 64, 40);
  add("atomic", "seed-100", 64, 45);
  for (SyntheticTrial& item : trials) {
    if (item.trial.at("scenario").as_string() != "seed-100") continue;
    item.trial["metric"] = "time_to_sell_out";
    item.trial["time_to_sell_out_s"] = 90 / item.trial.at("goodput_per_s").as_double();
    item.trial["outcomes"].as_object()["sold_out"] = 7700;
  }
  add_control(true);
}

void SyntheticRun::add_engine() {
  json::object facts = manifest["database"].as_object();
  facts["engine"] = "mariadb";
  facts["version"] = "MariaDB 10.11.19";
  manifest["database"] = json::array{manifest["database"], std::move(facts)};
  manifest["reference"] = {{{"name", "pgbench"},
                            {"database", "postgresql"},
                            {"strategy", "pessimistic"},
                            {"clients", 1},
                            {"per_s", 2000.0}},
                           {{"name", "sysbench"},
                            {"database", "mariadb"},
                            {"strategy", "pessimistic"},
                            {"clients", 8},
                            {"per_s", 900.0}},
                           {{"name", "sysbench"},
                            {"database", "mariadb"},
                            {"strategy", "pessimistic"},
                            {"clients", 4},
                            {"per_s", 1000.0}}};
  const std::size_t before = trials.size();
  for (std::size_t i = 0; i < before; ++i) {
    SyntheticTrial twin = trials[i];
    twin.directory = fmt::format("{:03}-mariadb-twin", trials.size());
    twin.trial["index"] = trials.size();
    twin.trial["database"] = "mariadb";
    twin.trial["goodput_per_s"] = twin.trial["goodput_per_s"].as_double() / 2;
    trials.push_back(std::move(twin));
  }
}

void SyntheticRun::add_rates(const std::string& variant) {
  for (const double rate : {300.0, 600.0, 1200.0}) {
    const std::size_t first = trials.size();
    add(variant, "steady", 64, std::min(rate, 900.0));
    for (std::size_t i = first; i < trials.size(); ++i) {
      json::object& trial = trials[i].trial;
      trials[i].directory += fmt::format("-r{}", rate);
      trial["loop"] = "open";
      trial["offered_per_s"] = rate;
      trial["latency_ms"].as_object()["response"] = latency_json(rate > 900 ? 900 : rate / 150);
    }
  }
}

void SyntheticRun::add_self(int repeats) {
  constexpr int k_rounds = 12;
  manifest["self_rounds"] = k_rounds;
  manifest["rounds"] = k_rounds * repeats;
  const int rounds = std::exchange(rounds_, k_rounds * repeats);
  add("atomic", "hot", 16, 1500, 0.01);
  const std::size_t first = trials.size();
  add("atomic-twin", "hot", 16, 1500, -0.02);
  rounds_ = rounds;
  for (std::size_t i = first; i < trials.size(); ++i) {
    json::object& trial = trials[i].trial;
    trial["strategy"] = trial["twin_of"] = "atomic";
    trial["event_concurrency"] = 0;
    // From repetition to repetition the machine leans one way or the other.
    const double lean = 1 + 0.01 * std::sin(static_cast<double>((i - first) / k_rounds));
    trial["goodput_per_s"] = trial["goodput_per_s"].as_double() * lean;
  }
  // The harness counts rounds from 1.
  for (SyntheticTrial& item : trials)
    item.trial["round"] = item.trial["round"].to_number<std::int64_t>() + 1;
}

void SyntheticRun::spoil() {
  SyntheticTrial& oversold = *of("pessimistic+admission").front();
  oversold.trial["verdict"] = "violation";
  oversold.trial["violations"] = {{{"invariant", "H2"},
                                   {"message", "51 tickets are certainly held, there are 50"},
                                   {"event_id", 7},
                                   {"operations", {211, 212, 215, 217}},
                                   {"reservations", json::array()}}};
  oversold.history = lost_update_history(true);
  SyntheticTrial& slow = *of("optimistic").front();
  slow.trial["figure_valid"] = false;
  slow.trial["figure_why"] = "the generator was saturated";
  manifest["build_type"] = "Debug";
  manifest["run_id"] = "</script><script>alert('x')</script>";
  manifest["warnings"] = {"the machine was busy: load 3.1 on 2 cores",
                          "<img src=x onerror=alert(1)>"};
  add("<b>bold", "spread", 16, 900);
}

std::vector<SyntheticTrial*> SyntheticRun::of(const std::string& variant) {
  std::vector<SyntheticTrial*> found;
  for (SyntheticTrial& item : trials) {
    if (item.trial.at("variant").as_string() == std::string_view(variant)) found.push_back(&item);
  }
  return found;
}

fs::path SyntheticRun::write() const {
  fs::create_directories(directory_ / "trials");
  write_file(directory_ / "manifest.json", json::serialize(manifest));
  for (const SyntheticTrial& item : trials) {
    const fs::path path = directory_ / "trials" / item.directory;
    fs::create_directories(path);
    write_file(path / "trial.json", json::serialize(item.trial));
    if (!item.history.empty()) write_file(path / "history.jsonl", item.history);
    if (!item.latency.empty()) write_file(path / "latency.hdr", item.latency);
  }
  return directory_;
}

std::string html_of(const SyntheticRun& run) {
  const Run read = read_run(run.write());
  return report_html(read, summarize(read));
}

}  // namespace boxoffice::reports::test
