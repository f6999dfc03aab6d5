// A variant: a strategy together with how the server runs it. What a comparison compares.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace boxoffice::harness {

struct Variant {
  std::string name;                    ///< "pessimistic", "pessimistic+admission", "naive"
  std::string strategy;                ///< what the server is started with
  std::int64_t event_concurrency = 0;  ///< 0: unlimited
  bool broken = false;                 ///< only boxoffice-server-broken knows it
  bool control = false;                ///< runs as a negative control: it must be caught
};

/// How many transactions of one event "+admission" lets into the database: chosen by measurement,
/// docs/decisions.
inline constexpr std::int64_t k_admission = 2;

/// By name; "+admission" may follow a sound strategy's. Throws UsageError that lists the names.
Variant variant_named(const std::string& name);

std::vector<std::string> sound_strategies();
std::vector<std::string> negative_controls();

}  // namespace boxoffice::harness
