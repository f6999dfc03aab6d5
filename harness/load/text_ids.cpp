// See text_ids.hpp.
#include "harness/load/text_ids.hpp"

#include <mutex>

namespace boxoffice::load {

std::int64_t TextIds::number_of(std::string_view text) {
  const std::unique_lock lock(mutex_);
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  texts_.emplace_back(text);
  const auto number = static_cast<std::int64_t>(texts_.size());
  numbers_.emplace(texts_.back(), number);
  return number;
}

std::string_view TextIds::text_of(std::int64_t number) const {
  const std::shared_lock lock(mutex_);
  const bool known = number >= 1 && number <= static_cast<std::int64_t>(texts_.size());
  return known ? std::string_view(texts_[static_cast<std::size_t>(number - 1)]) : "";
}

std::string TextIds::table() const {
  const std::shared_lock lock(mutex_);
  std::string table;
  std::int64_t number = 0;
  for (const std::string& text : texts_)
    table.append(std::to_string(++number)).append("\t").append(text).append("\n");
  return table;
}

}  // namespace boxoffice::load
