// /proc/self/stat, field numbers as in proc(5). The second field, the program's name, may hold
// blanks: counting begins behind its closing bracket.
#include "server/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace boxoffice::server {
namespace {

constexpr int k_utime = 14, k_stime = 15, k_threads = 20, k_start = 22, k_vsize = 23, k_rss = 24;

std::int64_t count_open_files() {
  constexpr auto k_path = "/proc/self/fd";
  struct stat status {};
  if (::stat(k_path, &status) == 0 && status.st_size > 0) return status.st_size;
  DIR* const directory = ::opendir(k_path);
  if (directory == nullptr) return 0;
  std::int64_t entries = 0;
  while (::readdir(directory) != nullptr) ++entries;
  ::closedir(directory);
  return entries - 3;  // ".", ".." and the directory itself
}

/// When the machine was started, in seconds since the epoch.
double boot_time_s() {
  std::ifstream stat("/proc/stat");
  for (std::string word; stat >> word;) {
    double seconds = 0;
    if (word == "btime" && stat >> seconds) return seconds;
  }
  return 0;
}

}  // namespace

ProcessFigures read_process_figures() {
  ProcessFigures figures;
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  int number = 3;
  for (std::string field; fields >> field && number <= k_rss; ++number) {
    if (number == k_utime || number == k_stime) figures.cpu_s += std::stod(field) / ticks;
    if (number == k_threads) figures.threads = std::stoll(field);
    if (number == k_start) figures.start_time_s = boot_time_s() + std::stod(field) / ticks;
    if (number == k_vsize) figures.virtual_bytes = std::stoll(field);
    if (number == k_rss) figures.resident_bytes = std::stoll(field) * ::sysconf(_SC_PAGESIZE);
  }
  figures.open_files = count_open_files();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    figures.open_files_max = static_cast<std::int64_t>(limit.rlim_cur);
  }
  return figures;
}

}  // namespace boxoffice::server
