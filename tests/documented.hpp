// What a page of the documentation shows as an example, for a test to hold it to.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace boxoffice::tests {

/// The first ```toml block of docs/<page>; empty where there is none.
inline std::string documented_toml(const std::string& page) {
  std::ifstream file(std::string(BOXOFFICE_DOCS_DIR "/") + page);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const std::string fence = "```toml\n";
  const auto at = all.find(fence);
  if (at == std::string::npos) return {};
  const auto begin = at + fence.size();
  return all.substr(begin, all.find("```", begin) - begin);
}

}  // namespace boxoffice::tests
