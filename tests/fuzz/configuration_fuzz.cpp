// Any bytes as a configuration file: read, or refused with one line that names the file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/configuration.hpp"
#include "strategies/failure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boxoffice::server;
  const int descriptor = memfd_create("configuration", 0);
  if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
  Sources sources;
  sources.file = "/proc/self/fd/" + std::to_string(descriptor);
  try {
    read_configuration(sources);
  } catch (const boxoffice::strategies::ConfigurationError& error) {
    if (std::string(error.what()).empty()) std::abort();
  }
  close(descriptor);
  return 0;
}
