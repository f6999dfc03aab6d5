// See process_stat.hpp. A process may end between two looks at it.
#include "harness/process/process_stat.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

namespace boxoffice::harness {

std::optional<ProcessStat> stat_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto name_end = line.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  ProcessStat stat;
  fields >> stat.state >> stat.parent;
  for (int i = 5; i <= 22; ++i) fields >> stat.start;  // numbered as in proc(5)
  return fields ? std::optional(stat) : std::nullopt;
}

std::vector<pid_t> family_of(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (std::filesystem::directory_iterator each("/proc", ignored), end; !ignored && each != end;
       each.increment(ignored)) {
    const auto id = static_cast<pid_t>(std::atoi(each->path().filename().c_str()));
    const auto stat = id > 0 ? stat_of(id) : std::nullopt;
    if (stat) children.emplace(stat->parent, id);
  }
  std::vector<pid_t> family = {pid};
  for (std::size_t i = 0; i < family.size(); ++i) {
    const auto [first, last] = children.equal_range(family[i]);
    for (auto child = first; child != last; ++child) family.push_back(child->second);
  }
  return family;
}

}  // namespace boxoffice::harness
