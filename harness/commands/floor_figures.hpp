// What the commands that hold speeds share: figures of interleaved rounds by name, ratios of two of
// one round, and the line that says whether what is wanted was reached.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "reports/sign_test.hpp"

namespace boxoffice::harness {

class FloorFigures {
 public:
  void add(const std::string& name, double value) { samples_[name].push_back(value); }
  double median_of(const std::string& name) const { return reports::median(samples_.at(name)); }
  /// The median over the rounds of a's figure over b's in the same round: what changes from round
  /// to round changes both.
  double ratio(const std::string& a, const std::string& b) const {
    const auto &over = samples_.at(a), &under = samples_.at(b);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
    return reports::median(ratios);
  }
  /// A line for each name.
  void print_medians() const {
    for (const auto& [name, values] : samples_)
      fmt::print("  {:<26}{:>9.0f}\n", name, reports::median(values));
  }

 private:
  std::map<std::string, std::vector<double>> samples_;
};

/// Prints it; true where at least what is wanted was reached.
inline bool floor_line(const std::string& what, double reached, double wanted) {
  fmt::print("{:<58}{:>6.2f}  wanted {:.2f}  {}\n", what, reached, wanted,
             reached >= wanted ? "held" : "MISSED");
  return reached >= wanted;
}

/// The same of a figure that must not be larger.
inline bool floor_line_at_most(const std::string& what, double reached, double wanted) {
  fmt::print("{:<58}{:>6.2f}  at most {:.2f}  {}\n", what, reached, wanted,
             reached <= wanted ? "held" : "MISSED");
  return reached <= wanted;
}

}  // namespace boxoffice::harness
