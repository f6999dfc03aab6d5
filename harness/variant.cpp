// See variant.hpp. The harness knows the strategies by name only; that the names are the servers'
// own is tested.
#include "harness/variant.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/controls.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

std::vector<std::string> sound_strategies() {
  return {"pessimistic", "optimistic", "atomic"};
}

bool is_plain(const Variant& variant) {
  return !variant.broken && variant.event_concurrency == 0 && variant.twin_of.empty();
}

std::vector<std::string> negative_controls() {
  std::vector<std::string> names;
  for (const Control& control : controls()) names.push_back(control.name);
  return names;
}

Variant variant_named(const std::string& name) {
  constexpr std::string_view k_suffix = "+admission";
  const bool admission = name.ends_with(k_suffix);
  const std::string strategy = admission ? name.substr(0, name.size() - k_suffix.size()) : name;
  const auto sound = sound_strategies(), broken = negative_controls();
  if (std::ranges::count(sound, strategy))
    return {.name = name, .strategy = strategy, .event_concurrency = admission ? k_admission : 0};
  if (!admission && std::ranges::count(broken, strategy))
    return {.name = name, .strategy = strategy, .broken = true};
  throw UsageError(fmt::format(
      "unknown strategy '{}': one of {} (each also with +admission), or a negative control: {}",
      name, fmt::join(sound, ", "), fmt::join(broken, ", ")));
}

Variant twin_of(const Variant& variant, double planted) {
  Variant twin = variant;
  twin.twin_of = variant.name;
  twin.planted = planted;
  twin.name += planted > 0 ? fmt::format("+slowed{:.4g}", 100 * planted) : "+self";
  return twin;
}

}  // namespace boxoffice::harness
