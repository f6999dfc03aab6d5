// How numbers are written, the same in the terminal and on the page: never more digits than a
// benchmark carries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/statistics.hpp"

namespace boxoffice::reports {

std::string thousands(std::int64_t number);  ///< 1234567 -> "1,234,567"

/// Four digits at most: "1,640", "164", "16.4", "1.64", "0.164".
std::string figure_text(double value);

/// At most six characters: as figure_text, from 10,000 on "12.3k", "1.23M".
std::string short_figure(double value);

std::string figure_or_dash(const std::optional<Spread>& spread);  ///< the median, "-" where absent
std::string median_text(const Spread& spread);                    ///< "1,640", "> 30.0"
std::string min_text(const Spread& spread);
std::string max_text(const Spread& spread);
std::string range_text(const Spread& spread);  ///< "1,602..1,688", "20.1..> 30"
std::string ratio_text(double ratio);          ///< "1.12x", "unbounded"
std::string ratio_text(const Pair& pair);      ///< of its median: "1.12x", "unbounded", "-"
std::string interval_text(const Pair& pair);   ///< "0.70x..0.90x", "-" where there are too few

/// The pair's standing in the fewest characters: its ratio, or the rounds ahead and behind ("8:4")
/// where that has no bound.
std::string standing_text(const Pair& pair);

/// "4 of 12 did not sell out within 30 s", "4 of 12 had no success"; empty where all did.
std::string unfinished_text(const VariantFigures& variant, Metric metric);

/// "a did not sell out in 4, b in 1 of 12 rounds"; empty where both always did.
std::string unfinished_text(const Pair& pair, Metric metric);

/// "27% of its requests ended without an answer: its response times are of the others"; empty where
/// fewer than k_unanswered_share did.
std::string unanswered_text(const VariantFigures& variant);

/// "4 of 12 rounds without a figure"; empty where it has one in each.
std::string missing_text(const VariantFigures& variant);

/// "a: 4 of 12 rounds without a figure, more than a quarter: no conclusion"; empty where both have
/// one in each.
std::string missing_text(const Pair& pair);

std::string p_text(double p);  ///< "0.047", "<0.001"

/// "goodput" with its unit and direction, for headings and axes.
struct MetricWords {
  std::string name, unit, direction;
};
MetricWords metric_words(Metric metric);

/// "mariadb 10.11", and "PostgreSQL 15.18" where the version names the engine itself.
std::string database_text(const DatabaseFacts& database);

/// The time to sell out as a short figure, "> 30" where it was not reached, "-" where the trial has
/// no right to one.
std::string sell_out_text(const Trial& trial);

/// `value` as a short figure, "-" where the trial has no right to one.
std::string trial_figure(const Trial& trial, const std::optional<double>& value);

std::string load_text(const Trial& trial);  ///< "16 connections, 300/s, open"
std::string load_text(const CellKey& key);  ///< "16 connections, 300/s offered, 2 instances"

/// "1 trial", "3 trials".
std::string counted(std::int64_t number, const std::string& noun);

}  // namespace boxoffice::reports
