// See signature.hpp.
#include "harness/process/signature.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <system_error>

#include "harness/process/process_stat.hpp"
#include "harness/process/removal.hpp"

namespace boxoffice::harness {

namespace {

constexpr const char* k_signature_file = "boxoffice-owner";

struct Signature {
  pid_t pid = 0;
  std::string start;
  std::string where;
};

// Where a process id means anything: this start of this machine, this container.
std::string where_we_are() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string boot;
  std::getline(in, boot);
  std::error_code ignored;
  return boot + " " + std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

// Nothing where it is not signed, or not here.
std::optional<Signature> signature_of(const std::filesystem::path& directory) {
  std::ifstream in(directory / k_signature_file);
  Signature signature;
  if (!(in >> signature.pid >> signature.start >> std::ws)) return std::nullopt;
  if (!std::getline(in, signature.where) || signature.pid <= 0) return std::nullopt;
  return signature.where == where_we_are() ? std::optional(signature) : std::nullopt;
}

bool lives(const Signature& signature) {
  const auto stat = stat_of(signature.pid);
  return stat && stat->start == signature.start;
}

// Anybody may make one in /tmp.
bool is_trusted(const std::filesystem::path& path, mode_t type) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type &&
         (status.st_uid == geteuid() || status.st_uid == 0);
}

}  // namespace

void sign(const std::filesystem::path& directory) {
  const auto stat = stat_of(getpid());
  std::ofstream(directory / k_signature_file)
      << getpid() << " " << (stat ? stat->start : "") << "\n"
      << where_we_are() << "\n";
}

std::optional<pid_t> living_owner(const std::filesystem::path& directory) {
  if (!is_trusted(directory, S_IFDIR)) return std::nullopt;
  const auto signature = signature_of(directory);
  return signature && lives(*signature) ? std::optional(signature->pid) : std::nullopt;
}

void remove_leftovers(const std::filesystem::path& parent, const std::string& what) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with("boxoffice-" + what + "-")) continue;
    if (entry.is_symlink(ignored) || !entry.is_directory(ignored)) continue;
    // The directory itself may have been handed to the database's user.
    if (!is_trusted(entry.path() / k_signature_file, S_IFREG)) continue;
    const auto signature = signature_of(entry.path());
    if (signature && !lives(*signature)) remove_with_memory(entry.path());
  }
}

}  // namespace boxoffice::harness
