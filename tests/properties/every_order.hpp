// Linearizability the plainest way: every order, without memo and without reductions. For runs of a
// few steps, to hold the search against.
#pragma once

#include "properties/linearizability/model.hpp"

namespace boxoffice::properties::linearizability {

/// True where some order of the mandatory steps and any of the optional ones is allowed.
/// `tries_max` orders at most are begun; past them it answers nothing.
std::optional<bool> some_order_fits(const EventModel& model, std::int64_t tries_max);

}  // namespace boxoffice::properties::linearizability
