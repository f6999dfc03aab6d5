// boxoffice load: one load run against a server that is there, like wrk or oha, but every operation
// is recorded and the history judged from the clients' view.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "harness/adapter_file.hpp"
#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/load_figures.hpp"
#include "harness/commands/load_run.hpp"
#include "harness/commands/options.hpp"
#include "harness/declared_hold.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/load/preflight.hpp"
#include "harness/load/trial_figures.hpp"
#include "harness/load_part.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "harness/stages.hpp"
#include "harness/stored_trial.hpp"
#include "harness/target.hpp"
#include "harness/thresholds.hpp"
#include "properties/history_json.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

namespace {

struct LoadOptions {
  RunOptions run;
  std::string target;
  std::string ca;
  std::string adapter;
  std::string tokens;
  std::vector<std::string> events;
  std::string path;
  std::string part;
  std::int64_t connections = 64;
  std::int64_t threads = 1;
  std::int64_t rate = 0;
  std::string stages;
  std::int64_t quantity_max = 1;
  Duration duration = std::chrono::seconds(10);
  Duration warmup{0};
  Duration think{0};
  Duration timeout = std::chrono::seconds(10);
  Duration hold = std::chrono::minutes(5);
  load::Mix mix;
  bool stop_when_sold_out = false;
  bool print_latency = false;
  std::vector<std::string> thresholds;
};

// "2/4": the users of the second of four generators, so that no two of them act for one.
void keep_part(std::vector<load::User>& users, const std::string& text) {
  const auto [part, parts] = share_of(text);
  std::vector<load::User> mine;
  for (std::size_t i = part - 1; i < users.size(); i += parts) mine.push_back(users[i]);
  if (mine.empty())
    throw UsageError(
        fmt::format("--part {}: there are {} users (--tokens) only", text, users.size()));
  users = std::move(mine);
}

load::LoadPlan plan_of(const LoadOptions& options) {
  load::LoadPlan plan;
  set_target(plan, options.target, options.ca);
  set_api(plan, options.adapter,
          options.path.empty() ? options.events : std::vector<std::string>{});
  plan.connections = static_cast<std::size_t>(options.connections);
  plan.threads = static_cast<std::size_t>(std::min(options.threads, options.connections));
  if (options.rate > 0) plan.rate_per_s = static_cast<double>(options.rate);
  plan.think = options.think;
  plan.warmup = options.warmup;
  plan.duration = options.duration;
  if (!options.stages.empty()) {
    try {
      plan.stages = parse_stages(options.stages);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("--stages: {}", error.what()));
    }
    plan.duration = load::duration_of(plan.stages);
    plan.rate_per_s.reset();
  }
  plan.timeout = milliseconds(options.timeout);
  plan.mix = options.mix;
  plan.quantity_max = options.quantity_max;
  plan.stop_when_sold_out = options.stop_when_sold_out;
  plan.get_path = options.path;
  plan.seed = options.run.seed;
  plan.request_id_salt = fresh_salt();
  if (options.path.empty()) {
    if (!options.tokens.empty()) plan.users = read_tokens(options.tokens);
    if (!options.part.empty()) keep_part(plan.users, options.part);
    if (plan.events.empty())
      throw UsageError("--events: name at least one event id (or --path for plain GETs)");
  }
  return plan;
}

// Says how each threshold stands, and notes in `end` what of it decides.
void hold_thresholds(const std::vector<Threshold>& thresholds, const load::LoadResult& result,
                     LoadEnd& end) {
  for (const Threshold& threshold : thresholds) {
    if (const std::string why = why_not_measured(threshold, result); !why.empty()) {
      fmt::print("threshold {}: NOT MEASURED: {}\n", threshold.text, why);
      end.threshold_not_measured = true;
      continue;
    }
    const Measured measured = measure(threshold, result);
    fmt::print("threshold {}: {} ({})\n", threshold.text, measured.held ? "held" : "FAILED",
               measured.value);
    end.threshold_failed |= !measured.held;
  }
}

// The verdict comes first: figures are a result only beside it.
LoadEnd end_of(const LoadOptions& options, const load::LoadResult& result,
               const std::filesystem::path& trial) {
  LoadEnd end{.interrupted = result.interrupted, .figure_valid = result.figure_valid};
  if (!options.path.empty()) {
    end.no_verdict = "plain GETs";
  } else if (!options.part.empty()) {
    end.no_verdict = fmt::format("part {}", options.part);
    fmt::print(
        "no verdict: what the other parts bought is unknown here; boxoffice merge judges all\n");
  } else {
    end.verdict =
        judge_and_print(trial, fmt::format("the same command with --seed {}", options.run.seed));
  }
  return end;
}

int run_load_command(const LoadOptions& options, const Context& context,
                     const std::vector<std::pair<std::string, std::string>>& configuration) {
  std::vector<Threshold> thresholds;
  for (const std::string& text : options.thresholds) thresholds.push_back(parse_threshold(text));
  load::LoadPlan plan = plan_of(options);
  RunDirectory directory(options.run.output, "load");
  auto manifest = make_manifest(directory.id(), "load", options.run.seed, context, configuration);
  const auto trial = directory.make_trial(1, "load");
  plan.history_path = trial / "history.jsonl";
  try {
    load::check_plan(plan);
    if (options.path.empty()) {
      write_client_header(plan, options.hold, directory.id());
    } else {
      expect_listener(plan);
    }
  } catch (const std::invalid_argument& error) {
    directory.remove_unmeasured();  // nothing was run, so nothing is left
    throw UsageError(error.what());
  } catch (const UsageError&) {
    directory.remove_unmeasured();
    throw;
  }
  keep_adapter(options.adapter, directory.path());
  Live live(options.run.quiet);
  live.begin("load  " + options.target, seconds(plan.warmup + plan.duration));
  WallClock wall_clock;
  const load::LoadResult result = run_or_take_back(plan, directory, live, wall_clock, context);
  live.end("done");
  if (options.path.empty()) {
    note_capacities(plan);
    note_unknown_ends(trial, wall_clock);
  }
  manifest["finished_at"] = utc_now();
  manifest["interrupted"] = result.interrupted;
  directory.write_manifest(manifest);
  write_text_ids(plan, trial);
  write_file(trial / "load.json", boost::json::serialize(load::trial_fields(plan, result)) + "\n");
  write_file(trial / "latency.hdr", load::latency_hdr(result));
  write_file(trial / "part.json",
             part_json(result, options.part.empty() ? Share{} : share_of(options.part)));
  write_file(trial / "timeseries.csv", load::timeseries_csv(result));
  LoadEnd end = end_of(options, result, trial);
  fmt::print("{}", figures_text(result, end, options.print_latency));
  hold_thresholds(thresholds, result, end);
  fmt::print("seed {}, stored in {}\n", options.run.seed, directory.path().string());
  return exit_code(end);
}

void add_weight(CLI::App& app, const std::string& flag, double& weight, const std::string& help) {
  const auto not_negative = [](const std::string& text) {
    double value = -1;
    const bool number = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
    return number && value >= 0 ? "" : fmt::format("'{}' is no number from 0 up", text);
  };
  app.add_option(flag, weight, help)
      ->type_name("")
      ->capture_default_str()
      ->check(CLI::Validator(not_negative, ""));
}

}  // namespace

void add_load(CLI::App& app, Work& work) {
  auto options = std::make_shared<LoadOptions>();
  CLI::App* command = app.add_subcommand("load", "one load run against a server that is there");
  add_run_options(*command, options->run);
  command->add_option("--target", options->target, "http(s)://host:port")
      ->required()
      ->envname("BOXOFFICE_TARGET")
      ->type_name("");
  command->add_option("--ca", options->ca, "of https: file of authorities, for a private one")
      ->envname("BOXOFFICE_CA")
      ->type_name("");
  command
      ->add_option("--adapter", options->adapter,
                   "TOML file that maps its API, where it is not ours (docs/adapters.md)")
      ->envname("BOXOFFICE_ADAPTER")
      ->type_name("");
  command
      ->add_option("--tokens", options->tokens,
                   "file of user id, tab, token (boxoffice-server seed --tokens-out)")
      ->envname("BOXOFFICE_TOKENS")
      ->type_name("");
  add_list(*command, "--events", options->events, "ids of the events to buy from");
  command->add_option("--path", options->path, "plain GETs of this path instead")
      ->envname("BOXOFFICE_PATH")
      ->type_name("");
  command
      ->add_option("--part", options->part,
                   "I/N: the I-th of N generators; `boxoffice merge` joins their runs")
      ->envname("BOXOFFICE_PART")
      ->type_name("");
  add_count(*command, "-c,--connections", options->connections, 1,
            "open connections, each a client");
  add_count(*command, "-t,--threads", options->threads, 1, "of the generator");
  add_count(*command, "-R,--rate", options->rate, 0,
            "requests a second on a schedule (open loop); 0: closed loop");
  command
      ->add_option("--stages", options->stages,
                   "open loop whose rate changes: '100/s:10s,100..500/s:20s'")
      ->envname("BOXOFFICE_STAGES")
      ->type_name("");
  add_duration(*command, "-d,--duration", options->duration, "of the measured window");
  add_duration(*command, "-w,--warmup", options->warmup, "recorded, but left out of the figures");
  add_duration(*command, "--think", options->think, "closed loop: pause between reply and request");
  add_duration(*command, "--timeout", options->timeout, "of one request");
  add_duration(*command, "--hold", options->hold, "the server's hold time, for the verdict");
  add_count(*command, "--quantity-max", options->quantity_max, 1,
            "a reserve asks for 1 to so many tickets");
  add_weight(*command, "--reserve", options->mix.reserve, "weight of reserves");
  add_weight(*command, "--purchase", options->mix.purchase, "weight of purchases");
  add_weight(*command, "--cancel", options->mix.cancel, "weight of cancels");
  add_weight(*command, "--read", options->mix.read, "weight of reads");
  command->add_flag("--stop-when-sold-out", options->stop_when_sold_out,
                    "ends once every event was seen sold out");
  command->add_flag("-L,--latency", options->print_latency,
                    "print the whole percentile distribution");
  command
      ->add_option("--threshold", options->thresholds,
                   "'p99<50ms', 'goodput>1000', 'errors<1%'; exit 13 where it fails, 12 "
                   "where the figures cannot tell")
      ->type_name("");
  command->callback([&work, options, command] {
    work = [options, command](Context context) {
      settle_seed(options->run);
      if (!options->stages.empty())
        refuse_flags(*command, context, {"--rate", "--duration"},
                     "is what --stages says: name one of them");
      if (!options->stages.empty() || options->rate > 0)
        refuse_flags(*command, context, {"--think"},
                     "is of a closed loop; on a schedule requests leave when they are due");
      return run_load_command(*options, context, configuration_of(*command));
    };
  });
}

}  // namespace boxoffice::harness
