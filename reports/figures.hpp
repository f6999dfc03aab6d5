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
std::string range_text(const Spread& spread);                     ///< "1,602..1,688"
std::string ratio_text(double ratio);                             ///< "1.12x"
std::string p_text(double p);                                     ///< "0.047", "<0.001"

/// "goodput" with its unit and direction, for headings and axes.
struct MetricWords {
  std::string name, unit, direction;
};
MetricWords metric_words(Metric metric);

/// "mariadb 10.11", and "PostgreSQL 15.18" where the version names the engine itself.
std::string database_text(const DatabaseFacts& database);

/// `value` as a short figure, "-" where the trial has no right to one.
std::string trial_figure(const Trial& trial, const std::optional<double>& value);

std::string load_text(const Trial& trial);  ///< "16 connections, 300/s, open"
std::string load_text(const CellKey& key);  ///< "16 connections, 300/s offered, 2 instances"

/// "1 trial", "3 trials".
std::string counted(std::int64_t number, const std::string& noun);

}  // namespace boxoffice::reports
