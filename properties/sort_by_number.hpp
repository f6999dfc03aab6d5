// Sorting by a number: what is sorted here (versions, ids, moments) lies in a narrow range and is
// many, so that counting digits is several times cheaper than comparing.
//
// Least significant digit first, eleven bits a pass, over small keys that say where each item is;
// then every item moves once. Stable. Where the range is so wide that comparing is no worse (few
// items, or far apart), it compares.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace boxoffice::properties {

namespace sorting {

struct Key {
  std::uint64_t number = 0;  ///< less the least of all
  std::uint32_t from = 0;
};
inline constexpr unsigned k_digit_bits = 11;
inline constexpr unsigned k_passes_max = 5;

/// Sorts by the bits that `range` needs.
inline void sort_by_digits(std::vector<Key>& keys, std::uint64_t range) {
  std::vector<Key> sorted(keys.size());
  for (unsigned shift = 0; shift < 64 && (range >> shift) != 0; shift += k_digit_bits) {
    std::array<std::uint32_t, (1U << k_digit_bits) + 1> begins{};
    const auto digit = [&](const Key& key) {
      return (key.number >> shift) & ((1U << k_digit_bits) - 1);
    };
    for (const Key& key : keys) ++begins[digit(key) + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    for (const Key& key : keys) sorted[begins[digit(key)]++] = key;
    keys.swap(sorted);
  }
}

}  // namespace sorting

/// Sorts `items` stably by `number_of(item)`, a std::int64_t. At most 2^32 - 1 items.
template <class Item, class NumberOf>
void sort_by_number(std::vector<Item>& items, NumberOf&& number_of) {
  const auto before = [&](const Item& a, const Item& b) { return number_of(a) < number_of(b); };
  if (std::is_sorted(items.begin(), items.end(), before)) return;
  const auto [least, most] = std::minmax_element(items.begin(), items.end(), before);
  const auto first = static_cast<std::uint64_t>(number_of(*least));
  const std::uint64_t range = static_cast<std::uint64_t>(number_of(*most)) - first;
  const bool wide = (range >> (sorting::k_digit_bits * sorting::k_passes_max)) != 0;
  if (wide || items.size() < 1000) {
    std::stable_sort(items.begin(), items.end(), before);
    return;
  }
  std::vector<sorting::Key> keys;
  keys.reserve(items.size());
  for (const Item& item : items) {
    keys.push_back({static_cast<std::uint64_t>(number_of(item)) - first,
                    static_cast<std::uint32_t>(keys.size())});
  }
  sorting::sort_by_digits(keys, range);
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const sorting::Key& key : keys) sorted.push_back(std::move(items[key.from]));
  items = std::move(sorted);
}

}  // namespace boxoffice::properties
