// boxoffice compare: which strategy wins at which contention, and was each trial correct?
#include "harness/comparison.hpp"

namespace boxoffice::harness {

namespace {
constexpr std::int64_t k_full_rounds = 12;
}

void add_compare(CLI::App& app, Work& work) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      app.add_subcommand("compare", "which strategy wins at which contention (the main job)");
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  add_list(*command, "--strategies", options->strategies,
           "variants to compare; +admission limits transactions per event");
  add_list(*command, "--scenarios", options->scenarios,
           "shipped ones or TOML files, rising in contention");
  add_list(*command, "--controls", options->controls,
           "broken strategies that must be caught in the same run");
  add_list(*command, "-c,--connections", options->connections, "instead of the scenarios' own");
  add_count(*command, "--rounds", options->rounds, 1, "fewer than 7 name no winner");
  add_count(*command, "-t,--threads", options->threads, 1, "of the load generator");
  add_count(*command, "--pool", options->pool, 1, "database connections of the server at most");
  add_duration(*command, "-d,--duration", options->duration,
               "of each trial that measures goodput; 0: the scenario's own");
  command->add_flag("--full", options->full, "12 rounds and the seed's three scenarios");
  command->callback([&work, options, command] {
    work = [options, command](const Context& context) {
      settle_seed(options->run);
      if (options->full) {
        if (command->get_option("--rounds")->empty()) options->rounds = k_full_rounds;
        for (const char* name : {"seed-100", "seed-1000", "seed-10000"})
          options->scenarios.emplace_back(name);
      }
      return run_comparison(*options, context, configuration_of(*command));
    };
  });
}

}  // namespace boxoffice::harness
