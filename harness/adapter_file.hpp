// Reads an adapter (harness/load/adapter.hpp) from a TOML file: docs/adapters.md holds every key.
//
// What such a file leaves out is not there: no header, no operation, no field is taken over from
// our own API, so that a reply is never read by accident.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/load/adapter.hpp"

namespace boxoffice::harness {

/// Reads TOML text; `where` is what messages start with. Throws UsageError with file, line, key and
/// what to do: not TOML, an unknown key, a wrong type, a missing key, a path without its place.
load::Adapter parse_adapter(std::string_view toml, const std::string& where);

/// The file at `path`, or our own API where it is empty. Throws UsageError.
load::Adapter load_adapter(const std::string& path);

/// Copies the file into the run directory: what its histories mean depends on it. Nothing where
/// `path` is empty.
void keep_adapter(const std::string& path, const std::filesystem::path& run_directory);

}  // namespace boxoffice::harness
