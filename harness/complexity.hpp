// How much code a strategy is: counted from its source file as this program was built with it, for
// the seed's column "code complexity".
#pragma once

#include <boost/json/object.hpp>

namespace boxoffice::harness {

/// {"pessimistic": {"lines": lines of code without blank and comment lines}, ...}
boost::json::object strategy_complexity();

}  // namespace boxoffice::harness
