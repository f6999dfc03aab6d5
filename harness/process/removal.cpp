// See removal.hpp. The keeper calls this too: it leans on nothing that a dead harness left undone.
#include "harness/process/removal.hpp"

#include <sys/shm.h>

#include <fstream>
#include <string>
#include <system_error>

namespace boxoffice::harness {

namespace {

// Line 7 of the lock file: the segment's key and id. The id alone may be somebody else's by now.
void remove_memory(const std::filesystem::path& lock_file) {
  std::ifstream in(lock_file);
  std::string line;
  for (int i = 1; i < 7; ++i) std::getline(in, line);
  long key = 0;
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
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  return !error;
}

}  // namespace boxoffice::harness
