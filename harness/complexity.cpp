// See complexity.hpp. The text of the files is embedded; nothing of them is compiled into the
// harness.
#include "harness/complexity.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace boxoffice::harness {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_strategy_sources;

boost::json::object strategy_complexity() {
  boost::json::object complexity;
  for (const auto& [file, text] : k_strategy_sources) {
    std::int64_t lines = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      const auto first = line.find_first_not_of(" \t");
      if (first != line.npos && !line.substr(first).starts_with("//")) ++lines;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    complexity[file.substr(0, file.rfind('.'))] = boost::json::object{{"lines", lines}};
  }
  return complexity;
}

}  // namespace boxoffice::harness
