// See removal.hpp. The keeper calls this too: it leans on nothing that a dead harness left undone.
#include "harness/process/removal.hpp"

#include <sys/shm.h>

#include <chrono>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

// A server that has just been told to end may still write and remove: then a directory is not empty
// that was, or a file is gone that was to be removed.
constexpr auto k_patience = 5s;
constexpr auto k_pause = 20ms;

// Line 7 of the lock file: the segment's key and id. The id alone may be somebody else's by now.
void remove_memory(const std::filesystem::path& lock_file) {
  std::ifstream in(lock_file);
  std::string line;
  for (int i = 1; i < 7; ++i) std::getline(in, line);
  unsigned long key = 0;  // a negative one is written as what it wraps to
  int id = -1;
  if (!(in >> key >> id)) return;
  shmid_ds segment{};
  if (shmctl(id, IPC_STAT, &segment) != 0 || segment.shm_perm.__key != static_cast<key_t>(key))
    return;
  shmctl(id, IPC_RMID, nullptr);
}

}  // namespace

bool remove_with_memory(const std::filesystem::path& directory) {
  remove_memory(directory / "data" / "postmaster.pid");
  const auto give_up = std::chrono::steady_clock::now() + k_patience;
  std::error_code error;
  do {
    std::filesystem::remove_all(directory, error);
    const bool in_between =
        error == std::errc::directory_not_empty || error == std::errc::no_such_file_or_directory;
    if (!in_between) return !error;
    std::this_thread::sleep_for(k_pause);
  } while (std::chrono::steady_clock::now() < give_up);
  return false;
}

}  // namespace boxoffice::harness
