// boxoffice merge RUN...: one verdict and one set of percentiles for several `boxoffice load
// --part` that ran at once against one server. The merged run has a directory of its own, which
// `analyze` judges again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <set>

#include "harness/commands/commands.hpp"
#include "harness/commands/load_figures.hpp"
#include "harness/commands/load_run.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/load_part.hpp"
#include "harness/manifest.hpp"
#include "harness/run_directory.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::harness {

namespace {

namespace fs = std::filesystem;

struct MergeOptions {
  std::vector<std::string> runs;
  fs::path output = "runs";
};

struct StoredParts {
  std::vector<LoadPart> parts;
  std::vector<properties::History> histories;
};

StoredParts read_runs(const std::vector<std::string>& runs) {
  StoredParts stored;
  std::set<fs::path> seen;
  for (const std::string& run : runs) {
    std::error_code error;
    if (!seen.insert(fs::weakly_canonical(run, error)).second)
      throw UsageError(fmt::format("{}: is there twice", run));
    const fs::path trial = fs::path(run) / "trials" / "001-load";
    if (!fs::exists(trial / "part.json", error))
      throw UsageError(fmt::format("{}: is no run of `boxoffice load`", run));
    if (fs::exists(trial / "events.tsv", error) || fs::exists(trial / "reservations.tsv", error))
      throw UsageError(fmt::format(
          "{}: its ids are texts, which each part numbered by itself: they cannot be merged", run));
    stored.parts.push_back(read_part(read_file(trial / "part.json"), trial / "part.json"));
    stored.histories.push_back(read_history_file(trial / "history.jsonl"));
    properties::History& history = stored.histories.back();
    if (std::string why = broke_unsaid(trial, history); !why.empty())
      history.breakages.push_back({std::move(why)});
    if (!history.flaws.empty())
      throw UsageError(fmt::format("{}: {}: merged, nobody could tell what it lacks", run,
                                   history.flaws.front()));
  }
  return stored;
}

void write_history(const fs::path& file, const properties::History& history) {
  std::string text;
  properties::append_line(text, history.header);
  for (const properties::Entry& entry : history.entries) properties::append_line(text, entry);
  properties::append_end(text, static_cast<std::int64_t>(history.entries.size()));
  for (const properties::FinalCapacity& capacity : history.capacities)
    properties::append_line(text, capacity);
  for (const properties::Breakage& breakage : history.breakages)
    properties::append_line(text, breakage);
  write_file(file, text);
}

void print_merged(const MergedLoad& merged, std::size_t parts, const LoadEnd& end) {
  const auto successes = merged.outcomes[load::Outcome::success];
  const double length = merged.seconds();
  fmt::print("{} parts, {:.2f} s from the first start to the last end ({:.0f}% in common)\n", parts,
             length, 100 * merged.overlap);
  if (length > 0)
    fmt::print("{} started ({:.0f}/s), goodput {:.0f}/s: {}\n", merged.started,
               static_cast<double>(merged.started) / length,
               static_cast<double>(successes) / length, standing_text(end));
  if (!merged.figure_valid)
    fmt::print("the figure is invalid: {}\n", fmt::join(merged.figure_why, "; "));
  const bool bounds = !load::unsent_why(merged.unsent, merged.started).empty();
  fmt::print(
      "{}{}",
      latency_table(merged.latency, bounds ? Percentiles::lower_bounds : Percentiles::figures),
      unsent_text(merged.unsent, merged.started));
}

int run_merge(const MergeOptions& options, const Context& context,
              const std::vector<std::pair<std::string, std::string>>& configuration) {
  if (options.runs.size() < 2) throw UsageError("merge: name at least two runs");
  StoredParts stored = read_runs(options.runs);
  const MergedLoad merged = merge_parts(stored.parts);
  properties::History history = merge_histories(std::move(stored.histories));
  RunDirectory directory(options.output, "merge");
  history.header.run_id = directory.id();
  auto manifest =
      make_manifest(directory.id(), "merge", history.header.seed, context, configuration);
  const fs::path trial = directory.make_trial(1, "load");
  write_history(trial / "history.jsonl", history);
  if (!history.breakages.empty())
    write_file(trial / k_broke_file, history.breakages.front().why + "\n");
  write_file(trial / "latency.hdr", merged.latency.response.percentile_text());
  manifest["interrupted"] = merged.interrupted;
  directory.write_manifest(manifest);
  const LoadEnd end{.verdict = judge_and_print(trial, "the same commands with the same --seed"),
                    .interrupted = merged.interrupted,
                    .figure_valid = merged.figure_valid};
  manifest["finished_at"] = utc_now();
  directory.write_manifest(manifest);
  print_merged(merged, stored.parts.size(), end);
  fmt::print("stored in {}\n", directory.path().string());
  return exit_code(end);
}

}  // namespace

void add_merge(CLI::App& app, Work& work) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* command =
      app.add_subcommand("merge", "one verdict and one set of percentiles of several load runs");
  command->add_option("RUN", options->runs, "run directories of boxoffice load --part I/N")
      ->required()
      ->type_name("");
  command->add_option("-o,--output", options->output, "where run directories go")
      ->envname("BOXOFFICE_OUTPUT")
      ->type_name("")
      ->default_str(options->output.string());
  command->callback([&work, options, command] {
    work = [options, command](const Context& context) {
      end_at_first_interrupt();
      return run_merge(*options, context, configuration_of(*command));
    };
  });
}

}  // namespace boxoffice::harness
