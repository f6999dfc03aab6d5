// Any bytes as a mapping file (docs/adapters.md): read, or refused with one line that names the
// file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "harness/adapter_file.hpp"
#include "harness/failure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boxoffice::harness;
  try {
    parse_adapter(std::string_view(reinterpret_cast<const char*>(data), size), "map.toml");
  } catch (const UsageError& error) {
    const std::string said = error.what();
    if (!said.starts_with("map.toml") || said.find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
