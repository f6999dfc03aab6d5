// See step_summary.hpp.
#include "harness/step_summary.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "harness/failure.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {
namespace {

constexpr const char* k_variable = "GITHUB_STEP_SUMMARY";

template <class Text>
void append(Text text_of) {
  const char* file = std::getenv(k_variable);
  if (file == nullptr || *file == '\0') return;
  try {
    append_to_file(file, text_of() + "\n");  // an empty line parts it from what comes next
  } catch (const std::exception& error) {
    fmt::print(stderr, "boxoffice: warning: ${}: {}\n", k_variable, error.what());
  }
}

}  // namespace

void append_step_summary(const std::string& markdown) {
  append([&] { return markdown; });
}

void append_step_summary_file(const std::string& file) {
  append([&] { return read_file(file); });
}

}  // namespace boxoffice::harness
