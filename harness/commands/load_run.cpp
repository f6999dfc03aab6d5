// See load_run.hpp.
#include "harness/commands/load_run.hpp"

#include <fmt/format.h>

#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "harness/stored_trial.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

std::string percentile_ms_text(const load::Histogram& histogram, double percent) {
  const auto ns = percent == 100 && histogram.count() > 0 ? histogram.max_ns()
                                                          : histogram.percentile_ns(percent);
  return ns ? fmt::format("{:.3g}", static_cast<double>(*ns) / 1e6) : "-";
}

void print_latency_table(const load::Latency& latency) {
  fmt::print("{:<16}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "latency, ms", "p50", "p90", "p99", "p99.9",
             "p99.99", "max");
  const auto ms = [](const load::Histogram& h, double percent) {
    return percentile_ms_text(h, percent);
  };
  const auto row = [&ms](const char* name, const load::Histogram& h) {
    fmt::print("{:<16}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", name, ms(h, 50), ms(h, 90), ms(h, 99),
               ms(h, 99.9), ms(h, 99.99), ms(h, 100));
  };
  row("service", latency.service);
  row("response", latency.response);
  row("schedule lag", latency.schedule_lag);
}

int judge_and_print(const std::filesystem::path& trial, const std::string& replay) {
  const properties::Verdict verdict = judge_trial(trial);
  write_file(trial / "verdict.json", properties::verdict_line(verdict));
  fmt::print("verdict from the clients' view: {}\n", properties::name_of(verdict.outcome));
  for (const properties::Check& check : verdict.checks) {
    if (!check.note.empty()) fmt::print("{}", paragraph(check.invariant + ": " + check.note));
  }
  for (const std::string& missing : verdict.missing_evidence) fmt::print("{}", paragraph(missing));
  std::vector<std::string> gaps = verdict.not_attempted;
  std::erase_if(gaps, [](const std::string& gap) { return gap.starts_with("D2"); });
  fmt::print("{}", not_attempted_text(gaps));
  if (verdict.outcome == properties::Outcome::violation) {
    fmt::print("{}", explain_trial(trial, replay));
    return k_exit_violation;
  }
  return verdict.outcome == properties::Outcome::pass      ? k_exit_pass
         : verdict.outcome == properties::Outcome::unknown ? k_exit_unknown
                                                           : k_exit_invalid;
}

}  // namespace boxoffice::harness
