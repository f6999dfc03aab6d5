// Ids that are texts (UUIDs), as numbers: the history and the oracle know numbers only.
//
// A text gets a number when it is first met, and is written again as it came when a request names
// it. What is a number already, or a text that spells one, keeps that number: some servers write
// one id now this way, now that, and it is one id. Only where another text has that number already
// it gets one that is free. Our own API has numbers and none of this. All generator threads share
// one table: a reservation is read on one connection only, but a number must be one reservation's
// in the run.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace boxoffice::load {

/// The number that `text` spells as we write it; nothing for "007", "12K", "1e3", "+1": these are
/// texts, for a server may hold "7" and "007" apart.
std::optional<std::int64_t> number_spelled(std::string_view text);

class TextIds {
 public:
  /// How a request names an id: by its text or, where that is empty, by the number.
  struct Written {
    std::int64_t number = 0;
    std::string_view text;  ///< holds as long as the table
  };

  std::int64_t number_of(std::string_view text);
  /// Of an id that came as a number.
  std::int64_t number_of(std::int64_t id);
  /// As the id came when it was first met; the number itself where none is known by it.
  Written written(std::int64_t number) const;
  /// A line for each id whose number is not the whole of it, in their order: number, tab, text.
  std::string table() const;

 private:
  struct Known {
    std::int64_t number = 0;
    bool is_text = false;
  };
  using Ids = std::unordered_map<std::string, Known>;  // whose entries never move

  std::int64_t number_of(std::string_view id, bool is_text);
  static Written written(const Ids::value_type& id);

  mutable std::shared_mutex mutex_;
  Ids ids_;  // as they are spelled
  std::unordered_map<std::int64_t, const Ids::value_type*> by_number_;
  std::int64_t last_ = 0;  // that a text was given
};

}  // namespace boxoffice::load
