// The negative controls: what boxoffice-server-broken can be started with, what each does wrong,
// and which invariant must say so. One table for `selftest`, `compare`, `verify` and the
// documentation.
//
// The harness knows the broken strategies by name only (strategies/broken/ is the server's); that
// the names are the server's own is tested.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault.hpp"

namespace boxoffice::harness {

struct Control {
  std::string name;  ///< what --strategy takes
  std::string bug;   ///< a few words, for a table
  /// Any of these is a catch. A violation of none of them means that the control broke in another
  /// way than it was written to.
  std::vector<std::string> caught_by;
  /// What has to happen during the load, or the bug sleeps.
  std::optional<FaultKind> fault = std::nullopt;
  /// How many servers it takes on one database; with fewer the bug sleeps.
  std::int64_t instances = 1;
};

const std::vector<Control>& controls();

/// Nothing where no control is called so.
const Control* find_control(const std::string& name);

}  // namespace boxoffice::harness
