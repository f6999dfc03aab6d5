// Any bytes as a verdict.json: it is read or refused; what was read is written and read again as it
// was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "properties/verdict_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boxoffice::properties;
  const auto read = read_verdict({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const auto again = read_verdict(verdict_line(*read));
  if (!again || !(*again == *read)) std::abort();
  return 0;
}
