// The sound strategies' makers, for the registry.
#pragma once

#include <memory>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

std::unique_ptr<Strategy> make_pessimistic();
std::unique_ptr<Strategy> make_optimistic();
std::unique_ptr<Strategy> make_atomic();

}  // namespace boxoffice::strategies
