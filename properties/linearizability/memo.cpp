// See memo.hpp.
#include "properties/linearizability/memo.hpp"

#include <algorithm>

namespace boxoffice::properties::linearizability {
namespace {

constexpr std::size_t k_slots_min = 64;

/// FNV-1a over whole numbers, then mixed: neighbouring sets differ in one low bit.
std::uint64_t hash_of(std::span<const std::uint32_t> set) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint32_t number : set) hash = (hash ^ number) * 0x100000001b3;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

}  // namespace

bool Memo::insert(std::span<const std::uint32_t> set) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  const std::uint64_t hash = hash_of(set);
  const auto kept = static_cast<std::uint32_t>(hash >> 32);
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at].length != 0; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.hash != kept || slot.length != set.size()) continue;
    if (std::equal(set.begin(), set.end(),
                   numbers_.begin() + static_cast<std::ptrdiff_t>(slot.begin))) {
      return false;
    }
  }
  slots_[at] = {kept, static_cast<std::uint32_t>(set.size()), numbers_.size()};
  numbers_.insert(numbers_.end(), set.begin(), set.end());
  ++used_;
  return true;
}

std::int64_t Memo::bytes() const {
  return static_cast<std::int64_t>(slots_.capacity() * sizeof(Slot) +
                                   numbers_.capacity() * sizeof(std::uint32_t));
}

void Memo::grow() {
  std::vector<Slot> old(std::max(k_slots_min, 2 * slots_.size()));
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.length == 0) continue;
    const auto begin = numbers_.begin() + static_cast<std::ptrdiff_t>(slot.begin);
    std::size_t at = hash_of({begin, begin + slot.length}) & (slots_.size() - 1);
    while (slots_[at].length != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

}  // namespace boxoffice::properties::linearizability
