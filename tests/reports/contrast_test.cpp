// What is written on a variant's colour can be read: WCAG 2.2's contrast of 4.5 to 1 (1.4.3, AA),
// in both themes, computed from the style sheet as it is shipped.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <regex>
#include <string>

#include "reports/assets.hpp"

namespace boxoffice::reports {
namespace {

constexpr double k_contrast_min = 4.5;

using Colour = std::array<double, 3>;  // 0..255
using Variables = std::map<std::string, Colour>;

std::string style() {
  return std::string(asset("report.css"));
}

/// "#1b1f24" and "0 114 178" of the first block of variables behind `mark`.
Variables variables_behind(const std::string& mark) {
  const std::string css = style();
  const std::size_t begin = css.find('{', css.find(mark));
  const std::string block = css.substr(begin, css.find('}', begin) - begin);
  static const std::regex variable(R"(--([\w-]+): (?:#(\w\w)(\w\w)(\w\w)|(\d+) (\d+) (\d+));)");
  Variables found;
  for (std::sregex_iterator at(block.begin(), block.end(), variable), end; at != end; ++at) {
    const bool hex = (*at)[2].matched;
    Colour& colour = found[(*at)[1]];
    for (std::size_t i = 0; i < 3; ++i)
      colour[i] = std::stoi((*at)[(hex ? 2 : 5) + i], nullptr, hex ? 16 : 10);
  }
  return found;
}

/// Relative luminance, as WCAG defines it.
double luminance(const Colour& colour) {
  const auto linear = [](double of_255) {
    const double value = of_255 / 255;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

double contrast(const Colour& a, const Colour& b) {
  const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

/// The variable that the rule of exactly these selectors takes its colour from.
std::string ink_of(const std::string& selectors) {
  const std::string css = style();
  const std::size_t begin = css.find("\n" + selectors + " {");
  if (begin == std::string::npos) return "no rule of " + selectors;
  const std::string rule = css.substr(begin, css.find('}', begin) - begin);
  std::smatch part;
  static const std::regex colour(R"([{;] color: var\(--([\w-]+)\))");
  return std::regex_search(rule, part, colour) ? part[1].str() : "none";
}

class Contrast : public testing::TestWithParam<const char*> {};

TEST_P(Contrast, of_small_print_on_a_variants_colour_is_enough) {
  const Variables variables = variables_behind(GetParam());
  const Colour ink = variables.at(ink_of(".map em, .map small"));
  for (int i = 0; i < 8; ++i) {
    const Colour& variant = variables.at("c" + std::to_string(i));
    Colour mixed{};
    for (std::size_t k = 0; k < 3; ++k) mixed[k] = 0.3 * variant[k] + 0.7 * variables.at("bg")[k];
    EXPECT_GE(contrast(ink, mixed), k_contrast_min) << "c" << i;
  }
}

TEST_P(Contrast, of_muted_print_is_enough) {
  const Variables variables = variables_behind(GetParam());
  for (const char* ground : {"bg", "panel", "grid", "good-bg", "bad-bg", "doubt-bg"})
    EXPECT_GE(contrast(variables.at("muted"), variables.at(ground)), k_contrast_min) << ground;
}

INSTANTIATE_TEST_SUITE_P(Themes, Contrast,
                         testing::Values("\n:root {", ":root:not([data-theme=\"light\"])"));

}  // namespace
}  // namespace boxoffice::reports
