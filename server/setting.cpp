// See setting.hpp.
#include "server/setting.hpp"

#include <algorithm>

namespace boxoffice::server {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  return out;
}

}  // namespace

std::string Setting::flag() const {
  std::string flag = "--" + key;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string Setting::environment() const {
  return variable.empty() ? "BOXOFFICE_SERVER_" + upper(key) : variable;
}

std::optional<std::string> Setting::display(const Configuration& c) const {
  const auto text = show(c);
  return text && mask ? mask(*text) : text;
}

}  // namespace boxoffice::server
