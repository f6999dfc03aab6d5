// See fault.hpp.
#include "harness/faults/fault.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/failure.hpp"
#include "harness/load/seeded.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

struct Known {
  FaultKind kind;
  const char* name;
  std::chrono::milliseconds least, most;  // how long it lasts
};

// A pause or partition is shorter than the bounds of the server (lock timeout 3 s, deadline): what
// is waited for comes back. A killed server is away until it has started again. A full disk is felt
// once a file wants to grow, which takes InnoDB's, a megabyte at a time, a while.
constexpr Known k_known[] = {
    {FaultKind::kill_server, "kill-server", 0ms, 0ms},
    {FaultKind::pause_server, "pause-server", 200ms, 900ms},
    {FaultKind::kill_database, "kill-database", 0ms, 300ms},
    {FaultKind::pause_database, "pause-database", 200ms, 900ms},
    {FaultKind::partition, "partition", 200ms, 900ms},
    {FaultKind::delay, "delay", 500ms, 1'000ms},
    {FaultKind::connection_reset, "connection-reset", 0ms, 0ms},
    {FaultKind::lost_commit, "lost-commit", 300ms, 900ms},
    {FaultKind::clock_skew, "clock-skew", 500ms, 1'000ms},
    {FaultKind::disk_full, "disk-full", 1'500ms, 2'500ms},
};

const Known& known(FaultKind kind) {
  return *std::ranges::find(k_known, kind, &Known::kind);
}

}  // namespace

std::string name_of(FaultKind kind) {
  return known(kind).name;
}

std::vector<FaultKind> parse_faults(const std::vector<std::string>& names) {
  std::vector<FaultKind> kinds;
  for (const std::string& name : names) {
    const auto found =
        std::ranges::find_if(k_known, [&](const Known& k) { return k.name == name; });
    if (name == "all" && names.size() == 1) {
      for (const Known& each : k_known) kinds.push_back(each.kind);
    } else if (found != std::end(k_known)) {
      kinds.push_back(found->kind);
    } else {
      std::vector<std::string> all;
      for (const Known& each : k_known) all.emplace_back(each.name);
      throw UsageError(
          fmt::format("--faults: there is no '{}'; all, or of: {}", name, fmt::join(all, ", ")));
    }
  }
  return kinds;
}

FaultPlan draw_fault(FaultKind kind, std::uint64_t seed) {
  load::Seeded seeded(seed, 0, static_cast<std::uint64_t>(kind));
  const Known& chosen = known(kind);
  const auto between = [&](std::chrono::milliseconds least, std::chrono::milliseconds most) {
    return least + std::chrono::milliseconds(
                       seeded.next_below(static_cast<std::uint64_t>((most - least).count()) + 1));
  };
  const auto after = between(300ms, 1'200ms);
  return {kind, after, between(chosen.least, chosen.most)};
}

Duration load_with(FaultKind kind) {
  return kind == FaultKind::disk_full ? 8s : 5s;
}

bool needs_proxy(FaultKind kind) {
  return kind == FaultKind::partition || kind == FaultKind::delay ||
         kind == FaultKind::connection_reset || kind == FaultKind::lost_commit;
}

bool needs_private_database(FaultKind kind) {
  return kind == FaultKind::kill_database || kind == FaultKind::pause_database ||
         kind == FaultKind::disk_full || needs_proxy(kind);
}

}  // namespace boxoffice::harness
