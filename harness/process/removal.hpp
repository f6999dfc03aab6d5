// How a private server's directory goes: with what the server left elsewhere.
//
// PostgreSQL keeps a small segment of System V shared memory, which says that its data is in use. A
// server that was killed cannot take it along, and only a restart of the machine would.
#pragma once

#include <filesystem>

namespace boxoffice::harness {

/// Removes `directory` and all below it; true where it is gone. A server in it must have ended, or
/// be about to: it is given five seconds.
bool remove_with_memory(const std::filesystem::path& directory);

}  // namespace boxoffice::harness
