// See load_figures.hpp.
#include "harness/commands/load_figures.hpp"

#include <fmt/format.h>

#include "harness/failure.hpp"
#include "harness/stages.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

using Judged = properties::Outcome;

std::string outcomes_text(const load::OutcomeCounts& outcomes) {
  std::string text;
  for (std::size_t i = 0; i < load::k_outcome_count; ++i) {
    if (const auto count = outcomes.counts[i])
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", load::k_outcome_names[i], count);
  }
  return text.empty() ? "none" : text;
}

std::string stages_table(const std::vector<load::StageFigures>& stages) {
  if (stages.empty()) return {};
  std::string text = fmt::format("{:<16}{:>9}{:>9}{:>11}{:>9}{:>9}  outcomes\n", "stage", "s",
                                 "sent", "goodput/s", "p50 ms", "p99 ms");
  for (const load::StageFigures& each : stages) {
    const auto& response = each.latency.response;
    const auto goodput = each.goodput_per_s();
    const bool bounds = !load::unsent_why(each.unsent, each.outcomes.total()).empty();
    const Percentiles are = bounds ? Percentiles::lower_bounds : Percentiles::figures;
    text += fmt::format("{:<16}{:>9.2f}{:>9}{:>11}{:>9}{:>9}  {}\n", rate_text(each.stage),
                        each.measured_s, each.outcomes.total(),
                        goodput ? fmt::format("{:.0f}", *goodput) : "-",
                        percentile_ms_text(response, 50, are),
                        percentile_ms_text(response, 99, are), outcomes_text(each.outcomes));
    if (each.unsent > 0)
      text += fmt::format("{:<16}{} more were due and never sent\n", "", each.unsent);
  }
  return text;
}

}  // namespace

int exit_code(const LoadEnd& end) {
  if (end.interrupted) return k_exit_interrupted;
  if (end.verdict == Judged::violation) return k_exit_violation;
  if (end.verdict == Judged::invalid || !end.figure_valid || end.threshold_not_measured)
    return k_exit_invalid;
  if (end.verdict == Judged::unknown) return k_exit_unknown;
  return end.threshold_failed ? k_exit_threshold : k_exit_pass;
}

std::string standing_text(const LoadEnd& end) {
  const std::string verdict = end.verdict
                                  ? fmt::format("verdict {}", properties::name_of(*end.verdict))
                                  : fmt::format("no verdict: {}", end.no_verdict);
  const bool result = end.figure_valid && end.verdict.value_or(Judged::pass) == Judged::pass;
  return fmt::format("{}{}{}", result ? "" : "NO RESULT: ", verdict,
                     end.figure_valid ? "" : ", figure invalid");
}

std::string unsent_text(std::uint64_t unsent, std::uint64_t started) {
  if (unsent == 0) return {};
  const std::string why = load::unsent_why(unsent, started);
  return fmt::format("unsent: {}\n", why.empty() ? fmt::format("{} that were due", unsent) : why);
}

std::string percentile_ms_text(const load::Histogram& histogram, double percent, Percentiles are) {
  const auto ns = percent == 100 && histogram.count() > 0 ? histogram.max_ns()
                                                          : histogram.percentile_ns(percent);
  if (!ns) return "-";
  return fmt::format("{}{:.3g}",
                     are == Percentiles::figures ? "" : ">=", static_cast<double>(*ns) / 1e6);
}

std::string latency_table(const load::Latency& latency, Percentiles are) {
  std::string text = fmt::format("{:<13}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}\n", "latency, ms",
                                 "p50", "p90", "p99", "p99.9", "p99.99", "max");
  const auto row = [&text](const char* name, const load::Histogram& h, Percentiles of_row) {
    const auto ms = [&](double percent) { return percentile_ms_text(h, percent, of_row); };
    text += fmt::format("{:<13}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}\n", name, ms(50), ms(90),
                        ms(99), ms(99.9), ms(99.99), ms(100));
  };
  row("service", latency.service, Percentiles::figures);
  row("response", latency.response, are);
  row("schedule lag", latency.schedule_lag, are);
  return text;
}

std::string figures_text(const load::LoadResult& result, const LoadEnd& end, bool distribution) {
  std::string text;
  if (result.interrupted) text += "INTERRUPTED: this is what was measured until then\n";
  text += fmt::format("{:.2f} s measured, {} started ({:.0f}/s), goodput {:.0f}/s: {}\n",
                      result.measured_s, result.started, result.started_per_s, result.goodput_per_s,
                      standing_text(end));
  if (!result.figure_valid) text += fmt::format("the figure is invalid: {}\n", result.figure_why);
  text += fmt::format("outcomes: {}\n", outcomes_text(result.outcomes));
  for (const auto& [what, count] : result.transport_errors)
    text += fmt::format("  transport: {} {}\n", what, count);
  const Percentiles are =
      result.unsent_why().empty() ? Percentiles::figures : Percentiles::lower_bounds;
  text += latency_table(result.success_latency(), are);
  text += stages_table(result.stages);
  if (distribution)
    text += fmt::format("\n{}{}", are == Percentiles::figures ? "" : "lower bounds:\n",
                        result.success_latency().response.percentile_text());
  text +=
      fmt::format("generator: busiest thread {:.0f}% of a core, peak memory {:.0f} MB\n",
                  100 * result.cpu_share_max, static_cast<double>(result.memory_peak_bytes) / 1e6);
  if (result.time_to_sell_out_s)
    text += fmt::format("sold out after {:.3f} s\n", *result.time_to_sell_out_s);
  return text + unsent_text(result.unsent, result.started);
}

}  // namespace boxoffice::harness
