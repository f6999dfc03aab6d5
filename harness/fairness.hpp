// How evenly a trial's successes fell upon its users: Jain's fairness index, from the history.
//
// With x the number of reservations that a user got, over the n users that asked for one at least
// once: J = (sum of x)^2 / (n * sum of x^2). 1 where all got the same number, k/n where k users got
// all of it in equal parts and the others nothing. Where tickets are fewer than users it is small
// for every strategy, so that it says something only beside another variant of the same cell.
// Source: Jain, Chiu, Hawe, "A Quantitative Measure of Fairness and Discrimination" (1984).
#pragma once

#include <cstdint>
#include <optional>

#include "properties/history.hpp"

namespace boxoffice::harness {

struct Fairness {
  double jain = 1;
  std::int64_t users = 0;  ///< that asked
};

/// Counts new holds (201) only: the reply that returns one's own hold is no second success. Nothing
/// where fewer than two users asked, or none got anything.
std::optional<Fairness> fairness_of(const properties::History& history);

}  // namespace boxoffice::harness
