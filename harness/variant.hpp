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
  std::string twin_of = {};  ///< of a self-comparison: the name of the variant that it repeats
  double planted = 0;        ///< of a twin: so many requests that do not count come to each
};

/// How many transactions of one event "+admission" lets into the database, at most: as a server
/// does by itself, docs/decisions/0044-one-or-as-many-as-the-limit.md.
inline constexpr std::int64_t k_admission = 2;

/// By name; "+admission" may follow a sound strategy's. Throws UsageError that lists the names.
Variant variant_named(const std::string& name);

/// The same variant once more, for a self-comparison: named "X+self", or "X+slowed15" with a
/// planted slowdown of 0.15.
Variant twin_of(const Variant& variant, double planted);

/// One of the seed's three strategies as it is: nothing added, no twin, not broken.
bool is_plain(const Variant& variant);

std::vector<std::string> sound_strategies();
std::vector<std::string> negative_controls();

}  // namespace boxoffice::harness
