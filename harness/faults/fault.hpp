// Faults: what `verify --faults` does to the server and its database while the load goes on.
//
// Drawn from the seed, one a trial, the kinds in turn: when it begins, and how long it lasts. Each
// is healed before the load ends, so that there is something to see afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/units.hpp"

namespace boxoffice::harness {

enum class FaultKind {
  kill_server,       ///< SIGKILL, then a new one on the same port
  pause_server,      ///< SIGSTOP, SIGCONT
  kill_database,     ///< SIGKILL of the database server, then a restart with its recovery
  pause_database,    ///< SIGSTOP of all its processes, SIGCONT
  partition,         ///< nothing passes between server and database; connections stay
  delay,             ///< each piece of data between them arrives later
  connection_reset,  ///< all connections between them are reset at once
  lost_commit,       ///< what the database commits it cannot say: the connection is reset first
  clock_skew,        ///< the server's host believes that it is an hour later
  disk_full,         ///< the disk of the database has no space left
};

struct FaultPlan {
  FaultKind kind = FaultKind::kill_server;
  Duration after{};   ///< from the first successes of the load
  Duration length{};  ///< until it is healed; 0 where it is a moment
};

std::string name_of(FaultKind kind);

/// Texts like "kill-server", or one "all". Throws UsageError that lists the names.
std::vector<FaultKind> parse_faults(const std::vector<std::string>& names);

/// When it begins and how long it lasts, from the trial's seed.
FaultPlan draw_fault(FaultKind kind, std::uint64_t seed);

/// Between server and database: these need the proxy.
bool needs_proxy(FaultKind kind);
/// These end or stop the database server's processes, so it must be a private one.
bool needs_private_database(FaultKind kind);

/// The load of a trial with a fault lasts at least so long: time before it, for it, and to see that
/// all is well again.
Duration load_with(FaultKind kind);
/// And at most so long. How long healing takes is the machine's affair: a killed database syncs its
/// directory before it recovers, a server starts anew.
inline constexpr Duration k_load_with_fault_max = std::chrono::seconds(60);

}  // namespace boxoffice::harness
