// A request's JSON body, from a table of a TOML file: the same names and values, with places in its
// texts that each request fills.
#pragma once

#include <toml++/toml.h>

#include "harness/load/adapter.hpp"

namespace boxoffice::harness {

/// A text that is nothing but "{quantity}" becomes that number; in a longer text the place is
/// filled within. Throws std::invalid_argument with a sentence: a place that there is not, a value
/// that JSON has no form for.
load::Pattern json_pattern(const toml::node& node);

}  // namespace boxoffice::harness
