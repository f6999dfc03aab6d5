// A table of a TOML file that a user wrote: each mistake is one line with the file, the line, the
// key and what to do.
//
// A key is known once it was asked for, so that what is left over at the end is unknown: a key that
// is misspelt must not be a setting that is silently not made.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/units.hpp"

namespace boxoffice::harness {

/// Throws UsageError with the line where it is not TOML; `where` is what messages start with.
toml::table parse_toml(std::string_view text, const std::string& where);

class TomlTable {
 public:
  /// `table` must outlive it.
  TomlTable(const toml::table& table, std::string where)
      : table_(table), where_(std::move(where)) {}

  /// Null where it is not there.
  const toml::node* find(std::string_view key);
  std::optional<TomlTable> table(std::string_view key);
  /// A table inside of this one, that `find` or `one_or_more` led to.
  TomlTable inner(const toml::table& table) const { return TomlTable(table, where_); }
  /// The items of a list, or the value itself; none where the key is not there.
  std::vector<const toml::node*> one_or_more(std::string_view key);

  template <class T>
  std::optional<T> get(std::string_view key, const char* form) {
    const toml::node* node = find(key);
    if (!node) return std::nullopt;
    const auto value = node->value_exact<T>();
    if (!value) fail(key, form);
    return value;
  }

  void text(std::string_view key, std::string& value) {
    if (auto read = get<std::string>(key, "must be a text")) value = *read;
  }
  void count(std::string_view key, std::int64_t& value, std::int64_t least, std::int64_t most);
  void number(std::string_view key, double& value);
  void duration(std::string_view key, Duration& value);

  /// One of a few words; `words` maps them to values.
  template <class Value>
  void choose(std::string_view key, Value& value, const std::map<std::string, Value>& words) {
    const auto word = get<std::string>(key, "must be a text");
    if (!word) return;
    const auto found = words.find(*word);
    if (found == words.end()) {
      std::string names;
      for (const auto& [name, unused] : words) names += (names.empty() ? "" : ", ") + name;
      fail(key, "is '" + *word + "', must be one of: " + names);
    }
    value = found->second;
  }

  /// Throws for the first key that is none of these: before any is missed, for it may be misspelt.
  void expect_only(const std::vector<std::string_view>& keys);
  /// Throws for the first key that nobody asked for.
  void expect_nothing_more() const;

  /// Throws UsageError at the key's line, or the table's where it has no such key.
  [[noreturn]] void fail(std::string_view key, const std::string& why) const;
  /// At that line: of a value inside of an array.
  [[noreturn]] void fail_at(const toml::node& node, std::string_view key,
                            const std::string& why) const;

 private:
  const toml::table& table_;
  std::string where_;
  std::set<std::string> known_;
};

}  // namespace boxoffice::harness
