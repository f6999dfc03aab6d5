// See gate.hpp.
#include "reports/gate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "reports/figures.hpp"
#include "reports/gate_limits.hpp"
#include "reports/gate_values.hpp"
#include "reports/log_ratios.hpp"
#include "reports/summary.hpp"

namespace boxoffice::reports {
namespace {

/// A row without its decision, and the sorted ratios that decide it.
struct Asked {
  GateRow row;
  std::vector<double> logs = {};
  bool base_always_finished = true;
  /// More requests without an answer than in BASE, in response times of the others.
  bool gave_up_more = false;
};

bool gave_up_more(GateMetric metric, const GateValues& base, const GateValues& run) {
  return is_response_time(metric) &&
         run.outcomes.unanswered_share() > base.outcomes.unanswered_share() + k_unanswered_share;
}

/// A round that neither finished says nothing: it is left out, as the sign test leaves out a tie.
Asked asked(const GatePlace& place, const GateThreshold& threshold, const GateValues& base,
            const GateValues& run) {
  Asked result{.row = {.key = place.first,
                       .variant = place.second,
                       .threshold = threshold.text,
                       .metric = threshold.metric,
                       .base_rounds = base.by_round.size(),
                       .base_missing = base.missing},
               .gave_up_more = gave_up_more(threshold.metric, base, run)};
  std::vector<double> before, before_limits, after, after_limits;
  for (const auto& [round, value] : base.by_round) {
    const bool finished = !is_censored(value.figure);
    result.base_always_finished &= finished;
    const auto other = run.by_round.find(round);
    result.row.missing += other == run.by_round.end() ? 1 : 0;
    if (other == run.by_round.end()) continue;
    const bool lost = is_censored(other->second.figure);
    if (lost && !finished) continue;
    result.row.lost += lost ? 1 : 0;
    before.push_back(value.figure);
    before_limits.push_back(value.limit);
    after.push_back(other->second.figure);
    after_limits.push_back(other->second.limit);
    result.logs.push_back(log_ratio(after.back(), before.back()).value());
  }
  std::ranges::sort(result.logs);
  result.row.rounds = result.logs.size();
  result.row.base = censored_spread(before, before_limits);
  result.row.run = censored_spread(after, after_limits);
  result.row.ratio = median_ratio(result.logs);
  return result;
}

std::string rounds_text(std::size_t rounds) {
  return counted(static_cast<std::int64_t>(rounds), "round");
}

std::string note_of(const Asked& one, const GateValues& base, const GateValues& run) {
  const GateRow& row = one.row;
  std::vector<std::string> notes;
  if (row.lost > 0) {
    notes.push_back(
        fmt::format("RUN {} in {} of {} in which BASE did",
                    row.metric == GateMetric::sell_out ? "did not sell out" : "had no success",
                    row.lost, rounds_text(row.rounds)));
  }
  if (run.missing.rounds == 0) {
    notes.push_back("RUN has no trial of it, BASE has " + rounds_text(row.base_rounds));
  } else if (row.missing > 0) {
    notes.push_back(fmt::format("RUN has no figure of {} of BASE's {}", row.missing,
                                rounds_text(row.base_rounds)));
  }
  if (row.base_missing.without_figure > 0) {
    notes.push_back(fmt::format("BASE has no figure in {} of its {}",
                                row.base_missing.without_figure,
                                rounds_text(row.base_missing.rounds)));
  }
  if (one.gave_up_more) {
    notes.push_back(fmt::format(
        "RUN left {:.1f}% of its requests without an answer, BASE {:.1f}%: these are the others' "
        "times",
        100 * run.outcomes.unanswered_share(), 100 * base.outcomes.unanswered_share()));
  }
  return fmt::format("{}", fmt::join(notes, "; "));
}

/// A threshold and all that BASE has to hold against it.
struct Question {
  GateThreshold threshold;
  std::vector<Asked> asked = {};
  bool comparable = false;  ///< RUN has trials of some of it
  bool unfinished = false;  ///< BASE has trials, though it may have finished none
};

Question ask(const Run& base, const Run& run, const GateThreshold& threshold) {
  const auto after = gate_values(run, threshold.metric);
  Question question{.threshold = threshold};
  for (const auto& [place, values] : gate_values(base, threshold.metric)) {
    const auto finished = [](const auto& each) { return !is_censored(each.second.figure); };
    question.unfinished |= !values.by_round.empty();
    if (std::ranges::none_of(values.by_round, finished)) continue;  // nothing that RUN could lose
    const auto found = after.find(place);
    question.comparable |= found != after.end();
    const GateValues others = found == after.end() ? GateValues() : found->second;
    Asked one = asked(place, threshold, values, others);
    one.row.note = note_of(one, values, others);
    question.asked.push_back(std::move(one));
  }
  return question;
}

[[noreturn]] void refuse(const Question& question, const Run& base, const Run& run) {
  if (question.asked.empty() && question.unfinished) {
    throw std::invalid_argument(fmt::format(
        "threshold '{}': {} sold out in none of its trials, or had no success: there is "
        "nothing that {} could lose",
        question.threshold.text, base.directory.string(), run.directory.string()));
  }
  throw std::invalid_argument(
      fmt::format("threshold '{}': {} and {} have no pair of trials with that metric (the same "
                  "database, variant, scenario, connections and round, both passed)",
                  question.threshold.text, base.directory.string(), run.directory.string()));
}

// Whoever names a threshold expects that there is something to hold against it; the default ones
// are for whatever BASE is about. Of a run that was cut off (no basis) nobody expects anything.
std::vector<Question> questions_of(const Run& base, const Run& run,
                                   const std::vector<GateThreshold>& thresholds, bool basis) {
  std::vector<Question> questions;
  for (const GateThreshold& threshold : thresholds) {
    questions.push_back(ask(base, run, threshold));
    if (basis && !questions.back().comparable) refuse(questions.back(), base, run);
  }
  if (!thresholds.empty()) return questions;
  for (const std::string& text : default_gate_thresholds())
    questions.push_back(ask(base, run, parse_gate_threshold(text)));
  if (basis && std::ranges::none_of(questions, &Question::comparable)) {
    const auto about = std::ranges::find_if(
        questions, [](const Question& one) { return one.unfinished || !one.asked.empty(); });
    refuse(about == questions.end() ? questions.front() : *about, base, run);
  }
  return questions;
}

// By the interval at what is left of 5% for each of so many questions; and by what RUN no longer
// does, which no interval of the other rounds outweighs.
void decide(Asked& one, const GateThreshold& threshold, double confidence) {
  GateRow& row = one.row;
  if (const auto interval = ratio_interval(one.logs, confidence)) {
    row.low = interval->low;
    row.high = interval->high;
    row.coverage = interval->coverage;
    const double bound = 1 + threshold.change;
    const bool above = row.low && *row.low > bound, below = row.high && *row.high < bound;
    if (threshold.above ? above : below) row.state = GateState::held;
    if (threshold.above ? below : above) row.state = GateState::worse;
  }
  if (row.lost > 0 && one.base_always_finished) row.state = GateState::worse;
  const bool whole =
      row.lost == 0 && row.missing == 0 && !row.base_missing.too_many() && !one.gave_up_more;
  if (row.state == GateState::held && !whole) row.state = GateState::undecided;
}

}  // namespace

bool Gate::any(GateState state) const {
  return std::ranges::any_of(rows, [state](const GateRow& row) { return row.state == state; });
}

int Gate::exit_code() const {
  if (verdict != properties::Outcome::violation && !no_basis.empty()) return 12;
  const int code =
      reports::exit_code({.verdict = verdict, .threshold_failed = any(GateState::worse)});
  return code == 0 && any(GateState::undecided) ? 11 : code;
}

Gate compare_runs(const Run& base, const Run& run, const std::vector<GateThreshold>& thresholds) {
  Gate gate{.base = base.directory.string(), .run = run.directory.string()};
  gate.base_conditions = conditions_of(base.manifest);
  gate.run_conditions = conditions_of(run.manifest);
  gate.verdict = summarize(run).verdict;
  gate.no_basis = why_no_basis(base, run);
  std::vector<Question> questions = questions_of(base, run, thresholds, gate.no_basis.empty());
  std::vector<GateThreshold> all_asked;
  std::size_t rows = 0;
  for (const Question& question : questions) {
    all_asked.push_back(question.threshold);
    rows += question.asked.size();
  }
  const double confidence = 1 - k_alpha / static_cast<double>(std::max<std::size_t>(rows, 1));
  for (Question& question : questions) {
    for (Asked& one : question.asked) {
      decide(one, question.threshold, confidence);
      gate.rows.push_back(std::move(one.row));
    }
  }
  gate.not_asked = gaps_of(base, run, all_asked, gate.rows);
  gate.warnings = differences_of(base, run);
  return gate;
}

std::string_view state_name(GateState state) {
  return state == GateState::held ? "held" : state == GateState::worse ? "worse" : "undecided";
}

}  // namespace boxoffice::reports
