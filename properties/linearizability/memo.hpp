// The memo: sets of taken steps, kept exactly and small.
//
// Steps are numbered by their calls, and what was taken is all of them up to some number but a few.
// So a set is written as that number and the few that are missing: a handful of integers, however
// long the run. Sets lie one after the other in blocks, and a table with open addressing finds them
// by a hash.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace boxoffice::properties::linearizability {

class Memo {
 public:
  /// True where the set was not there yet.
  bool insert(std::span<const std::uint32_t> set);
  std::int64_t bytes() const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t length = 0;  ///< 0: free
    std::uint64_t begin = 0;   ///< in numbers_
  };
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> numbers_;
  std::size_t used_ = 0;
};

}  // namespace boxoffice::properties::linearizability
