// See small_disk.hpp.
#include "harness/database/small_disk.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <system_error>

namespace boxoffice::harness {

namespace {

constexpr const char* k_roomy = "size=50%,mode=0755";
constexpr int k_shrink_attempts = 100;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::uint64_t bytes_used(const std::filesystem::path& path) {
  struct statvfs status {};
  if (statvfs(path.c_str(), &status) != 0) throw_errno("the size of a small disk");
  return (status.f_blocks - status.f_bfree) * status.f_frsize;
}

// A namespace of our own, once: what is mounted in it reaches no other.
void leave_the_others_alone() {
  thread_local bool left = false;
  if (left) return;
  if (unshare(CLONE_NEWNS) != 0) throw_errno("a mount namespace of our own");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw_errno("mounts that nobody else sees");
  left = true;
}

}  // namespace

// In a container even root may be kept from it, which only trying tells. On a thread that ends with
// the namespace that it tried in: half-way, its paths may not be those of the others (chroot).
std::string SmallDisk::why_not() {
  if (geteuid() != 0) return "it takes root to mount a small disk for the database";
  const auto attempt = []() -> std::string {
    try {
      SmallDisk disk;
      return "";
    } catch (const std::system_error& error) {
      return std::string("a small disk for the database cannot be mounted here: ") + error.what();
    }
  };
  return std::async(std::launch::async, attempt).get();
}

SmallDisk::SmallDisk() : directory_(temporary_root(), "disk") {
  leave_the_others_alone();
  if (mount("boxoffice", path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, k_roomy) != 0)
    throw_errno("mount");
}

SmallDisk::~SmallDisk() {
  umount2(path().c_str(), MNT_DETACH);  // the database that used it has ended, or is ending
}

void SmallDisk::set_full(bool full) {
  for (int attempt = 1;; ++attempt) {
    const std::string limit =
        full ? "size=" + std::to_string(bytes_used(path())) : std::string(k_roomy);
    if (mount(nullptr, path().c_str(), nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV, limit.c_str()) ==
        0)
      return;
    // More was written between the look and the limit.
    if (errno != EINVAL || attempt == k_shrink_attempts) throw_errno("the limit of a small disk");
  }
}

}  // namespace boxoffice::harness
