// See json_fields.hpp. Numbers must be integers that fit: a fraction in a version is a broken file.
#include "properties/json_fields.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>
#include <stdexcept>

namespace boxoffice::properties {

namespace json = boost::json;

void throw_exception_from_error(const ReadError& error, const boost::source_location&) {
  throw std::runtime_error("line " + std::to_string(error.line) + ": " + error.message);
}

void JsonFields::fail(std::string_view key, std::string_view what) {
  if (!error_.empty()) return;
  error_.append("field \"").append(key).append("\" ").append(what);
}

const json::value* JsonFields::find(std::string_view key) {
  const json::value* value = object_.if_contains(key);
  if (value && known_count_ < known_.size()) known_[known_count_++] = key;
  return value;
}

void JsonFields::no_others() {
  if (known_count_ == object_.size()) return;
  const auto end = known_.begin() + static_cast<std::ptrdiff_t>(known_count_);
  for (const auto& field : object_) {
    if (std::find(known_.begin(), end, std::string_view(field.key())) != end) continue;
    return fail(field.key(), "is unknown");
  }
}

std::optional<std::int64_t> JsonFields::optional_integer(std::string_view key, std::int64_t most) {
  const json::value* value = find(key);
  if (!value || value->is_null()) return std::nullopt;
  const std::int64_t* number = value->if_int64();
  if (!number) {
    fail(key, "is not a 64-bit integer");
    return std::nullopt;
  }
  if (*number > most || *number < -most) {
    fail(key, "is out of range");
    return std::nullopt;
  }
  return *number;
}

std::int64_t JsonFields::integer(std::string_view key, std::int64_t most) {
  return optional_integer(key, most).value_or(0);
}

std::int64_t JsonFields::required_integer(std::string_view key, std::int64_t most) {
  const auto number = optional_integer(key, most);
  if (!number) fail(key, "is missing");
  return number.value_or(0);
}

std::uint64_t JsonFields::unsigned_integer(std::string_view key) {
  const json::value* value = find(key);
  if (!value) return 0;
  if (const std::uint64_t* number = value->if_uint64()) return *number;
  if (const std::int64_t* number = value->if_int64(); number && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  fail(key, "is not an unsigned 64-bit integer");
  return 0;
}

bool JsonFields::boolean(std::string_view key, bool fallback) {
  const json::value* value = find(key);
  if (!value) return fallback;
  if (const bool* flag = value->if_bool()) return *flag;
  fail(key, "is not true or false");
  return fallback;
}

std::string JsonFields::text(std::string_view key) {
  const json::value* value = find(key);
  if (!value || value->is_null()) return {};
  if (const json::string* words = value->if_string()) return std::string(*words);
  fail(key, "is not a string");
  return {};
}

std::string_view JsonFields::required_word(std::string_view key) {
  const json::value* value = find(key);
  if (value && value->is_string()) return value->get_string();
  fail(key, value ? "is not a string" : "is missing");
  return {};
}

const json::object* JsonFields::nested(std::string_view key) {
  const json::value* value = find(key);
  if (!value) return nullptr;
  if (const json::object* object = value->if_object()) return object;
  fail(key, "is not an object");
  return nullptr;
}

const json::array* JsonFields::list(std::string_view key) {
  const json::value* value = find(key);
  if (!value) return nullptr;
  if (const json::array* array = value->if_array()) return array;
  fail(key, "is not an array");
  return nullptr;
}

}  // namespace boxoffice::properties
