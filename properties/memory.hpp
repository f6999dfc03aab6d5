// What a process that judges large histories asks of the allocator. Judging a million operations
// takes and frees some hundred megabytes, several times over; given back to the kernel each time,
// they come back page by page, and on a virtual machine that was half of the whole time.
#pragma once

#include <malloc.h>

#include <limits>

namespace boxoffice::properties {

/// Freed memory stays with the process. For the start of main().
inline void keep_freed_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

}  // namespace boxoffice::properties
