// Writes JSON that people read too: two spaces a level, short objects on one line, numbers in their
// shortest form (Boost.JSON would write 1640.5 as 1.6405E3). Field order is the order of insertion.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace boxoffice::reports {

/// Ends with a newline. Numbers that JSON cannot carry (infinite, not a number) are written as
/// null.
std::string json_text(const boost::json::value& value);

}  // namespace boxoffice::reports
