// The documents that a made-up run directory consists of (synthetic_run.hpp): its manifest, the
// latencies and attribution of a trial, and a small history with a lost update in it.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

namespace boxoffice::reports::test {

boost::json::object manifest_json(int rounds);

/// 20,000 samples with median `scale_ms`.
boost::json::object latency_json(double scale_ms);

/// The percentile text of a latency whose tail falls off exponentially, 20,000 samples.
std::string hdr_text(double scale_ms);

/// Half of the time in the step that takes the lock; of the database what PostgreSQL says.
void add_attribution(boost::json::object& trial, double scale_ms, std::int64_t successes);

/// Two reserves that made one version; with a fault, also what it cut off and what it refused.
std::string lost_update_history(bool with_fault = false);

}  // namespace boxoffice::reports::test
