// What Linux says of this process, under the names that Prometheus' own client libraries use, so
// that ready-made dashboards find them.
#pragma once

#include <cstdint>

namespace boxoffice::server {

struct ProcessFigures {
  double cpu_s = 0;
  double start_time_s = 0;  ///< since the Unix epoch
  std::int64_t resident_bytes = 0;
  std::int64_t virtual_bytes = 0;
  std::int64_t threads = 0;
  std::int64_t open_files = 0;
  std::int64_t open_files_max = 0;
};

/// Reads /proc; what cannot be read stays 0. A few system calls: up to some milliseconds with tens
/// of thousands of files open on kernels before 6.2, which count them only by listing them.
ProcessFigures read_process_figures();

}  // namespace boxoffice::server
