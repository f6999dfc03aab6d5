// See manifest.hpp. Facts of the machine come from /proc and /sys; what is not there is said to be
// unknown.
#include "harness/manifest.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boxoffice_version.hpp>
#include <fstream>
#include <string_view>
#include <thread>

#include "harness/database/url_text.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {

namespace json = boost::json;

namespace {

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name"))
      return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

json::object host() {
  utsname names{};
  uname(&names);
  const std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  const std::int64_t memory = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGE_SIZE);
  return {{"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", memory},
          {"kernel", fmt::format("{} {}", names.sysname, names.release)},
          {"cpu", cpu_model()},
          {"governor", governor.empty() ? json::value(nullptr) : json::value(governor)}};
}

json::object texts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::object object;
  for (const auto& [name, value] : pairs) object[name] = without_password(value);
  return object;
}

}  // namespace

json::object make_manifest(const std::string& run_id, const std::string& command,
                           std::uint64_t seed, const Context& context,
                           const std::vector<std::pair<std::string, std::string>>& configuration) {
  json::array words;
  for (const std::string& word : context.argv) words.emplace_back(without_password(word));
  json::array warnings;
  for (const std::string& warning : machine_warnings()) warnings.emplace_back(warning);
  return {{"schema", "boxoffice.manifest/1"},
          {"run_id", run_id},
          {"command", command},
          {"started_at", utc_now()},
          {"finished_at", nullptr},
          {"interrupted", false},
          {"seed", seed},
          {"git_commit", k_git_commit},
          {"build_type", k_build_type},
          {"version", k_version},
          {"argv", std::move(words)},
          {"environment", texts(context.environment)},
          {"configuration", texts(configuration)},
          {"host", host()},
          {"rounds", 1},
          {"indicative", true},
          {"warnings", std::move(warnings)},
          {"reference", json::array()},
          {"scenarios", json::array()}};
}

json::object describe_database(TestDatabase& database) {
  json::object facts = {{"engine", database.engine()},
                        {"version", database.version()},
                        {"settings", texts(database.settings())},
                        {"durability", database.durability()},
                        {"storage", database.storage()},
                        {"isolation", "read committed"}};
  if (!database.is_private()) facts["name"] = database.name();
  return facts;
}

std::vector<std::string> machine_warnings() {
  std::vector<std::string> warnings;
  if (std::string_view(k_build_type) != "Release") {
    warnings.push_back(fmt::format(
        "this is a {} build: its figures say nothing about a release build", k_build_type));
  }
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  const unsigned cores = std::thread::hardware_concurrency();
  if (load > 0.5 * cores) {
    warnings.push_back(fmt::format(
        "the machine was busy before the run began: load average {:.2f} on {} cores", load, cores));
  }
  const std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor.empty() && governor != "performance") {
    warnings.push_back(
        fmt::format("the processor's frequency governor is '{}', not 'performance'", governor));
  }
  return warnings;
}

}  // namespace boxoffice::harness
