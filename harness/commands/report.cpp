// boxoffice report RUN...: renders stored runs again, with the renderers of this program.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "reports/report.hpp"
#include "reports/trial_history.hpp"

namespace boxoffice::harness {

// The page has the message in place of a timeline, which is soon overlooked.
void warn_of_histories(const reports::Run& run) {
  for (const reports::Trial* trial : reports::violating_trials(run)) {
    const std::string why = reports::read_trial_history(run, *trial).why_not;
    if (!why.empty())
      fmt::print(stderr, "boxoffice: {}: {}, so that its violation has no timeline\n",
                 trial->directory, why);
  }
}

void add_report(CLI::App& app, Work& work) {
  auto runs = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand(
      "report", "render stored runs again; 0 once that is done, whatever their verdicts");
  command->add_option("RUN", *runs, "run directories")->required()->type_name("");
  command->callback([&work, runs] {
    work = [runs](const Context&) {
      end_at_first_interrupt();
      for (const std::string& run : *runs) {
        try {
          const reports::Rendered rendered = reports::render_run(run);
          fmt::print("{}", rendered.terminal({.colour = colour_wanted()}));
          warn_of_histories(rendered.run);
        } catch (const reports::DamagedRun& error) {
          throw UsageError(fmt::format("{}: {}", run, error.what()));
        } catch (const std::filesystem::filesystem_error& error) {
          throw UsageError(
              fmt::format("{}: cannot write the report: {}", run, error.code().message()));
        }
      }
      return k_exit_pass;
    };
  });
}

}  // namespace boxoffice::harness
