// See rate_search.hpp.
#include "harness/rate_search.hpp"

#include <algorithm>
#include <cmath>

namespace boxoffice::harness {

RateSearch::RateSearch(const RateSearchOptions& options)
    : options_(options),
      rate_(std::clamp(options.first_per_s, options.least_per_s, options.most_per_s)) {}

std::optional<double> RateSearch::next() const {
  return over_ ? std::nullopt : std::optional(rate_);
}

std::int64_t RateSearch::repeat() const {
  const auto found = answers_.find(rate_);
  return found == answers_.end() ? 1 : found->second.met + found->second.missed + 1;
}

void RateSearch::note(bool met) {
  Answers& answers = answers_[rate_];
  ++(met ? answers.met : answers.missed);
  if (decided(answers)) decide(answers.met > answers.missed);
}

bool RateSearch::decided(const Answers& answers) const {
  const std::int64_t most = options_.repeats / 2 + 1;
  return answers.met >= most || answers.missed >= most;
}

void RateSearch::decide(bool met) {
  (met ? met_ : missed_) = rate_;
  if (!missed_) {
    over_ = rate_ >= options_.most_per_s;
    rate_ = std::min(2 * rate_, options_.most_per_s);
  } else if (!met_) {
    over_ = rate_ <= options_.least_per_s;
    rate_ = std::max(rate_ / 2, options_.least_per_s);
  } else {
    over_ = *missed_ / *met_ <= 1 + options_.precision;
    rate_ = std::sqrt(*met_ * *missed_);
  }
}

FoundRate RateSearch::found() const {
  FoundRate found{met_, missed_, std::nullopt, std::nullopt};
  for (const auto& [rate, answers] : answers_) {
    if (!decided(answers)) continue;
    if (answers.missed == 0) found.certain = rate;
    if (answers.met == 0 && !found.impossible) found.impossible = rate;
  }
  // Every decided rate up to met_ was met, every one from missed_ up was missed.
  return found;
}

}  // namespace boxoffice::harness
