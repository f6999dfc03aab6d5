// The live dashboard of the operations port: a page without outside resources, and the figures that
// it asks for every second.
//
// The page is one document, composed once. Its policy allows its own style and its own script, by
// their hashes, and a request to where it came from: nothing else runs, loads or is asked.
#pragma once

#include <string>

#include "server/exposition.hpp"
#include "server/hot_events.hpp"

namespace boxoffice::server {

struct DashboardPage {
  std::string html;
  std::string policy;  ///< of Content-Security-Policy
};
const DashboardPage& dashboard_page();

/// The body of GET /dashboard.json: counts since the start, of which the page makes rates, and what
/// is there now. Waits for no database and no thread of the pool.
std::string dashboard_figures(const MetricSources& from, HotEvents& hot_events, bool draining);

}  // namespace boxoffice::server
