// JUnit XML. Text from the run is escaped, and what XML 1.0 cannot carry at all (control
// characters) is replaced.
#include "reports/junit.hpp"

#include <fmt/format.h>

#include "reports/figures.hpp"
#include "reports/layout.hpp"

namespace boxoffice::reports {
namespace {

using properties::Outcome;

enum class Result { passed, failed, skipped };

Result result_of(const Trial& trial) {
  if (trial.superseded && (trial.control || trial.verdict == Outcome::invalid))
    return Result::skipped;
  if (trial.control) return trial.caught() ? Result::passed : Result::failed;
  return trial.verdict == Outcome::pass ? Result::passed : Result::failed;
}

std::string failure_message(const Trial& trial) {
  if (trial.control) {
    return fmt::format("the control was not caught: its verdict is {}",
                       properties::name_of(trial.verdict));
  }
  if (trial.violations.empty()) {
    return fmt::format("the verdict is {}{}{}", properties::name_of(trial.verdict),
                       trial.verdict_why.empty() ? "" : ": ", trial.verdict_why);
  }
  const auto& first = trial.violations.front();
  return fmt::format("{}: {}", first.invariant, first.message);
}

std::string failure_details(const Trial& trial) {
  std::string text = fmt::format("trials/{}, seed {}\n", trial.directory, trial.seed);
  for (const auto& violation : trial.violations) {
    text += fmt::format("{} event {}: {}\n", violation.invariant, violation.event_id,
                        violation.message);
  }
  // Line ends are the only control characters that stay.
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out += xml_text(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

std::string test_case(const Trial& trial) {
  const std::string name =
      fmt::format("{} {}, {}, round {}{}{}", trial.variant, trial.scenario, load_text(trial),
                  trial.round, trial.control ? " (control)" : "", trial.repeated ? " again" : "");
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                 xml_text("boxoffice." + trial.database), xml_text(name),
                                 trial.warmup_s + trial.measured_s);
  switch (result_of(trial)) {
    case Result::passed:
      return text + "/>\n";
    case Result::skipped:
      return text + "><skipped message=\"invalid, ran again\"/></testcase>\n";
    case Result::failed:
      break;
  }
  return text + fmt::format(
                    ">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    "
                    "</testcase>\n",
                    xml_text(failure_message(trial)), properties::name_of(trial.verdict),
                    failure_details(trial));
}

}  // namespace

std::string xml_text(const std::string& text) {
  std::string out;
  for (const char c : cleaned(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string junit_xml(const Run& run, const Summary& summary) {
  std::string cases;
  std::size_t failures = 0, skipped = 0;
  for (const Trial& trial : run.trials) {
    cases += test_case(trial);
    failures += result_of(trial) == Result::failed ? 1 : 0;
    skipped += result_of(trial) == Result::skipped ? 1 : 0;
  }
  std::size_t tests = run.trials.size();
  // Where the run as a whole failed although no trial did (interrupted, a threshold), a reader of
  // the XML must see it.
  if (summary.exit_code != 0 && failures == 0) {
    ++tests;
    ++failures;
    const std::string why =
        summary.reasons.empty() ? headline_sentence(summary) : summary.reasons.front();
    cases += fmt::format(
        "    <testcase classname=\"boxoffice\" name=\"the run\"><failure "
        "message=\"{}\" type=\"{}\"/></testcase>\n",
        xml_text(why), xml_text(headline_word(summary)));
  }
  const std::string name = xml_text(run.manifest.run_id);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"boxoffice\" tests=\"{0}\" failures=\"{1}\">\n"
      "  <testsuite name=\"{3}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" "
      "skipped=\"{2}\">\n{4}  </testsuite>\n</testsuites>\n",
      tests, failures, skipped, name, cases);
}

}  // namespace boxoffice::reports
