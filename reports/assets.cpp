// Looks the embedded files up by name.
#include "reports/assets.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace boxoffice::reports {

extern const std::vector<std::pair<std::string_view, std::string_view>> embedded_assets;

std::string_view asset(std::string_view name) {
  for (const auto& [file, text] : embedded_assets) {
    if (file == name) return text;
  }
  throw std::out_of_range("no embedded asset " + std::string(name));
}

}  // namespace boxoffice::reports
