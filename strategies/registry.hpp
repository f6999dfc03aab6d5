// Name -> strategy: one table. The broken ones (negative controls) are in it only where
// boxoffice-server-broken linked them in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

/// The names that `make_strategy` knows in this program, sound ones first.
std::vector<std::string> strategy_names();
/// True for a negative control.
bool is_broken(std::string_view name);
/// Throws ConfigurationError that lists the known names.
std::unique_ptr<Strategy> make_strategy(std::string_view name);

/// Called once at start by boxoffice-server-broken's main (broken/register.cpp), before any
/// look-up.
void register_broken(std::string name, std::unique_ptr<Strategy> (*make)());

}  // namespace boxoffice::strategies
