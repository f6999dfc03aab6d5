// The files that the HTML report carries inside itself, embedded into the library at build time
// (cmake/Embed.cmake): Chart.js 3 as Debian's libjs-chart.js ships it, and what lies in assets/. No
// copy of Chart.js is kept in git.
#pragma once

#include <string_view>

namespace boxoffice::reports {

/// The text of "chart.min.js", "report.css" or "charts.js". Throws std::out_of_range on any other
/// name.
std::string_view asset(std::string_view name);

}  // namespace boxoffice::reports
