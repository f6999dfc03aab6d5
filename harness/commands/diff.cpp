// boxoffice diff BASE RUN: a gate for regressions, on paired trials of two stored runs. Nothing is
// run; what decides is the interval's bound (reports/gate.hpp).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/step_summary.hpp"
#include "reports/gate.hpp"

namespace boxoffice::harness {

namespace {

constexpr std::size_t k_columns = 80;

struct DiffOptions {
  std::string base, run;
  std::vector<std::string> thresholds;  // none: the gate's own
  std::string format = "terminal";
};

reports::Run stored_run(const std::string& path) {
  try {
    return reports::read_run(path);
  } catch (const reports::DamagedRun& error) {
    throw UsageError(fmt::format("{}: {}", path, error.what()));
  }
}

std::string written(const reports::Gate& gate, const std::string& format) {
  if (format == "json") return reports::gate_json(gate);
  if (format == "csv") return reports::gate_csv(gate);
  if (format == "markdown") return reports::gate_markdown(gate);
  if (format == "junit") return reports::gate_junit(gate);
  return reports::gate_terminal(gate, k_columns);
}

int run_diff(const DiffOptions& options) {
  try {
    std::vector<reports::GateThreshold> thresholds;
    for (const std::string& text : options.thresholds)
      thresholds.push_back(reports::parse_gate_threshold(text));
    const reports::Gate gate =
        reports::compare_runs(stored_run(options.base), stored_run(options.run), thresholds);
    fmt::print("{}", written(gate, options.format));
    append_step_summary(reports::gate_markdown(gate));
    return gate.exit_code();
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

void add_diff(CLI::App& app, Work& work) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command =
      app.add_subcommand("diff", "a gate: is RUN worse than BASE, on paired trials?");
  command->add_option("BASE", options->base, "a run directory")->required()->type_name("");
  command->add_option("RUN", options->run, "a run directory")->required()->type_name("");
  command
      ->add_option("--threshold", options->thresholds,
                   "accepted change, 'goodput>-5%', 'p99<+10%', 'sell_out<+5%'; worse: exit 13")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("")
      ->default_str(fmt::format("{}", fmt::join(reports::default_gate_thresholds(), ", ")));
  command->add_option("--format", options->format, "terminal, json, csv, markdown or junit")
      ->check(CLI::IsMember({"terminal", "json", "csv", "markdown", "junit"}))
      ->type_name("")
      ->capture_default_str();
  command->callback([&work, options] {
    work = [options](const Context&) {
      end_at_first_interrupt();
      return run_diff(*options);
    };
  });
}

}  // namespace boxoffice::harness
