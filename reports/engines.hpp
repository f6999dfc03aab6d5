// Several engines in one run: what each is called, and what each does alone, beside which its
// figures stand.
//
// A figure of one engine is never held against another's as it is: the engines differ in what a
// commit costs and in what waits where. What can be compared is the share of its own reference line
// that a strategy reaches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/manifest.hpp"
#include "reports/statistics.hpp"

namespace boxoffice::reports {

/// "MariaDB 10.11.19" of the database that trials call "mariadb"; that word where the manifest says
/// no more.
std::string engine_name(const Manifest& manifest, const std::string& database);

/// A reference line's figures, rising in clients.
struct ReferenceLines {
  std::string tool, database, strategy;  ///< database: "mariadb"
  std::vector<ReferenceLine> lines;

  /// Of those that were measured in the most rounds: a single sample is not held against medians.
  const ReferenceLine& best() const;
};

/// One for each tool, database and strategy. A line that names no database is of the run's only
/// one.
std::vector<ReferenceLines> references_of(const Manifest& manifest);

/// The best rate of `database` alone, whatever the number of clients; nothing where it was not
/// measured.
std::optional<ReferenceLine> best_reference(const Manifest& manifest, const std::string& database);

/// The median of `variant` in `cell` over that best rate. Nothing where the two are not of a kind:
/// the line reserves from one hot event, so that the cell must be one event's goodput, by reserves
/// alone. A run that does not say what its requests were has none.
std::optional<double> share_of_alone(const Manifest& manifest, const Cell& cell,
                                     const VariantFigures& variant);

/// "1,640/s with 1 client (1,580..1,700 in 3 rounds), 2,100/s with 2 clients".
std::string rates_text(const ReferenceLines& reference);

/// Whose newest versions at hand the project's tests run on (Debian 12's, and Debian unstable's
/// MySQL).
inline constexpr const char* k_engines_tested =
    "PostgreSQL 15 and 17, MariaDB 10.11 and 11.8, and MySQL 9.7";

/// What must stand beside figures of several engines.
inline constexpr const char* k_engines_note =
    "Engines are not held against each other: each one's figures stand beside its own reference "
    "line, the same statements sent to that database by a tool of its own (pgbench, sysbench).";

}  // namespace boxoffice::reports
