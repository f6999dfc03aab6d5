// See text_ids.hpp.
#include "harness/load/text_ids.hpp"

#include <charconv>
#include <map>
#include <mutex>

#include "properties/json_fields.hpp"

namespace boxoffice::load {

std::optional<std::int64_t> number_spelled(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc{} && stopped == end && number >= -properties::k_id_max;
  return whole && std::to_string(number) == text ? std::optional(number) : std::nullopt;
}

std::int64_t TextIds::number_of(std::string_view text) {
  return number_of(text, true);
}

std::int64_t TextIds::number_of(std::int64_t id) {
  return number_of(std::to_string(id), false);
}

std::int64_t TextIds::number_of(std::string_view id, bool is_text) {
  const std::unique_lock lock(mutex_);
  const auto [entry, fresh] = ids_.try_emplace(std::string(id));
  if (!fresh) return entry->second.number;
  std::optional<std::int64_t> number = number_spelled(id);
  while (!number || by_number_.contains(*number)) number = ++last_;
  entry->second = {*number, is_text};
  by_number_.emplace(*number, &*entry);
  return *number;
}

TextIds::Written TextIds::written(const Ids::value_type& id) {
  if (id.second.is_text) return {id.second.number, id.first};
  return {number_spelled(id.first).value_or(id.second.number), {}};
}

TextIds::Written TextIds::written(std::int64_t number) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? Written{number, {}} : written(*found->second);
}

std::string TextIds::table() const {
  const std::shared_lock lock(mutex_);
  std::map<std::int64_t, std::string_view> rows;
  for (const auto& [spelling, known] : ids_) {
    if (known.is_text || number_spelled(spelling) != known.number)
      rows.emplace(known.number, spelling);
  }
  std::string table;
  for (const auto& [number, spelling] : rows)
    table.append(std::to_string(number)).append("\t").append(spelling).append("\n");
  return table;
}

}  // namespace boxoffice::load
