// boxoffice compare: which strategy wins at which contention, and was each trial correct?
#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/comparison.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {
constexpr std::int64_t k_full_rounds = 12;

// --self alone is about noise only: one strategy, one scenario, rounds enough to separate.
void settle_self(CompareOptions& options, const CLI::App& command, Context& context) {
  if (!options.self) {
    if (options.planted > 0 || options.repeat > 1)
      throw UsageError("--plant and --repeat belong to --self");
    return;
  }
  refuse_flags(command, context, {"--instances"}, "--self is about one server's noise");
  const auto given = [&command](const char* name) { return !command.get_option(name)->empty(); };
  if (!given("--strategies")) options.strategies.resize(1);
  if (!given("--scenarios")) options.scenarios = {"hot-event"};
  if (!given("--controls")) options.controls.clear();
  if (!given("--rounds")) options.rounds = k_full_rounds;
}

void add_full_scenarios(std::vector<std::string>& names) {
  for (const char* name :
       {"reads-only", "hot-event-offered", "seed-100", "seed-1000", "seed-10000"}) {
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  }
}

}  // namespace

void add_compare(CLI::App& app, Work& work) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      app.add_subcommand("compare", "which strategy wins at which contention (the main job)");
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  add_list(*command, "--strategies", options->strategies,
           "variants to compare; +admission limits transactions per event");
  add_list(*command, "--scenarios", options->scenarios,
           "shipped ones or TOML files; they are ordered by contention");
  add_list(*command, "--controls", options->controls,
           "broken strategies that must be caught in the same run");
  add_list(*command, "-c,--connections", options->connections,
           "instead of the scenarios' own, but for the seed's three");
  add_count(*command, "--rounds", options->rounds, 1,
            "a winner takes 7, of four strategies 8, of five 9");
  add_count(*command, "-t,--threads", options->threads, 1, "of the load generator");
  add_count(*command, "--pool", options->pool, 1,
            "database connections at most, of a trial's servers together");
  add_count(*command, "--instances", options->instances, 1,
            "servers of the trials that ask whether servers scale; 1: no such trials");
  add_duration(*command, "-d,--duration", options->duration,
               "of each trial that measures goodput; 0: the scenario's own");
  command->add_flag("--full", options->full,
                    "12 rounds; also reads alone, offered rates, the seed's three scenarios");
  command->add_flag("--self", options->self,
                    "the first strategy against itself: the machine's own noise");
  add_count(*command, "--repeat", options->repeat, 1, "with --self: so many self-comparisons");
  add_share(*command, "--plant", options->planted,
            "development: the twin of --self sends this share more than what counts");
  command->callback([&work, options, command] {
    work = [options, command](Context context) {
      settle_seed(options->run);
      settle_self(*options, *command, context);
      if (options->full) {
        if (command->get_option("--rounds")->empty()) options->rounds = k_full_rounds;
        add_full_scenarios(options->scenarios);
      }
      return run_comparison(*options, context, configuration_of(*command));
    };
  });
}

}  // namespace boxoffice::harness
