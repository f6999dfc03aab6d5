// A disk that can be full when it is wanted: a tmpfs of our own, for the data of a private
// database.
//
// A filler file would need as much memory as the disk is large. Instead the file system's limit is
// set to what is in use at that moment: the next page that anybody wants is refused with ENOSPC,
// as on any disk that has run out. To mount it takes root. It is mounted in a mount namespace of
// the calling thread's (and of what that thread starts), so nobody else sees it, and the kernel
// takes it away with the last process of the namespace, however that one ended.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "harness/process/keeper.hpp"

namespace boxoffice::harness {

class SmallDisk {
 public:
  /// Empty where this process may mount one; otherwise what it takes, in one line.
  static std::string why_not();

  /// To be called on the thread that starts the database and every thread that looks at its files.
  /// Throws std::system_error.
  SmallDisk();
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::filesystem::path& path() const { return directory_.path(); }

  /// From here on no more space than is in use now, or again as much as memory has.
  void set_full(bool full);

 private:
  TemporaryDirectory directory_;
};

}  // namespace boxoffice::harness
