// How evenly a trial's successes fell upon its users: Jain's fairness index, from the history.
//
// With x the number of reservations that a user got, over the n users that asked for one: J = (sum
// of x)^2 / (n * sum of x^2). 1 where all got the same number, k/n where k users got all of it in
// equal parts and the others nothing. Where tickets are fewer than users it is small for every
// strategy, so that it says something only beside another variant of the same cell.
//
// Whoever is still without an answer when the run ends (each connection has one such user, where
// the strategy gives up after conflicts and he asks again) is counted as having got nothing only
// where he began in the run's first half: he may be starving. The others were cut off by the end,
// and the shorter the run the more of all users they would be.
// Source: Jain, Chiu, Hawe, "A Quantitative Measure of Fairness and Discrimination" (1984).
#pragma once

#include <cstdint>
#include <optional>

#include "properties/history.hpp"

namespace boxoffice::harness {

struct Fairness {
  double jain = 1;
  std::int64_t users = 0;  ///< that were counted
};

/// Counts new holds (201) only: the reply that returns one's own hold is no second success. Nothing
/// where fewer than two users asked, or none got anything.
std::optional<Fairness> fairness_of(const properties::History& history);

}  // namespace boxoffice::harness
