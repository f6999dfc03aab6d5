// Ids that are texts (UUIDs), as numbers: the history and the oracle know numbers only.
//
// A text gets the next number when it is first met, and is written again as it came when a request
// names it. Our own API has numbers and none of this. All generator threads share one table: a
// reservation is read on one connection only, but a number must be one reservation's in the run.
#pragma once

#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace boxoffice::load {

class TextIds {
 public:
  std::int64_t number_of(std::string_view text);
  /// Empty where no text has that number: then it is the id. Holds as long as this object.
  std::string_view text_of(std::int64_t number) const;
  /// A line each: number, tab, text.
  std::string table() const;

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> texts_;  // number 1 first; their places never move
  std::unordered_map<std::string_view, std::int64_t> numbers_;
};

}  // namespace boxoffice::load
