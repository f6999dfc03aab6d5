// See toml_table.hpp.
#include "harness/toml_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

/// A key and what TOML's parser quotes may hold any character: on the terminal it is one line.
UsageError complaint(const std::string& where, std::uint32_t line, std::string what) {
  const auto moves_the_cursor = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  std::ranges::replace_if(what, moves_the_cursor, '?');
  return UsageError(fmt::format("{}: line {}: {}", where, line, what));
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw complaint(where, error.source().begin.line, std::string(error.description()));
  }
}

const toml::node* TomlTable::find(std::string_view key) {
  known_.insert(std::string(key));
  return table_.get(key);
}

std::optional<TomlTable> TomlTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) fail(key, "must be a table");
  return TomlTable(*node->as_table(), where_);
}

std::vector<const toml::node*> TomlTable::one_or_more(std::string_view key) {
  const toml::node* node = find(key);
  if (!node) return {};
  const toml::array* array = node->as_array();
  if (!array) return {node};
  std::vector<const toml::node*> items;
  for (const toml::node& item : *array) items.push_back(&item);
  return items;
}

void TomlTable::count(std::string_view key, std::int64_t& value, std::int64_t least,
                      std::int64_t most) {
  const auto read = get<std::int64_t>(key, "must be a whole number");
  if (!read) return;
  if (*read < least || *read > most) fail(key, fmt::format("must be from {} to {}", least, most));
  value = *read;
}

void TomlTable::number(std::string_view key, double& value) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto read = node->is_number() ? node->value<double>() : std::nullopt;
  if (!read || !std::isfinite(*read) || *read < 0)
    fail(key, "must be a number that is not negative");
  value = *read;
}

void TomlTable::duration(std::string_view key, Duration& value) {
  const auto read = get<std::string>(key, "must be a duration in quotes, such as \"1s\"");
  if (!read) return;
  try {
    value = parse_duration(*read);
  } catch (const UsageError& error) {
    fail(key, error.what());
  }
}

void TomlTable::expect_only(const std::vector<std::string_view>& keys) {
  for (const std::string_view key : keys) known_.emplace(key);
  expect_nothing_more();
}

void TomlTable::expect_nothing_more() const {
  for (const auto& [key, node] : table_) {
    if (known_.contains(std::string(key.str()))) continue;
    std::string names;
    for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
    throw complaint(where_, node.source().begin.line,
                    fmt::format("unknown key '{}' (known: {})", key.str(), names));
  }
}

void TomlTable::fail(std::string_view key, const std::string& why) const {
  const toml::node* node = table_.get(key);
  fail_at(node ? *node : table_, key, why);
}

void TomlTable::fail_at(const toml::node& node, std::string_view key,
                        const std::string& why) const {
  throw complaint(where_, std::max(node.source().begin.line, 1U), fmt::format("'{}' {}", key, why));
}

}  // namespace boxoffice::harness
