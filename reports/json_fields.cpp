// Typed reading of JSON: every accessor checks the kind of the value and says what it found
// instead.
#include "reports/json_fields.hpp"

#include <fmt/format.h>

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

namespace boxoffice::reports {
namespace {

namespace json = boost::json;

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

std::string as_text(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

}  // namespace

Fields::Fields(const json::value& value, std::string where, std::string prefix)
    : object_(value.if_object()), where_(std::move(where)), prefix_(std::move(prefix)) {
  if (object_ == nullptr) {
    std::string place = prefix_.empty() ? "" : ": " + prefix_.substr(0, prefix_.size() - 1);
    throw DamagedRun(
        fmt::format("{}{}: expected an object, found {}", where_, place, kind_name(value)));
  }
}

void Fields::fail(std::string_view name, std::string_view fault) const {
  throw DamagedRun(fmt::format("{}: {}{}: {}", where_, prefix_, name, fault));
}

void Fields::expect_schema(std::string_view schema) const {
  const std::string found = text("schema");
  if (found != schema) fail("schema", fmt::format("is \"{}\", expected \"{}\"", found, schema));
}

const json::value* Fields::find(std::string_view name) const {
  return object_->if_contains(name);
}

const json::value& Fields::at(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) fail(name, "is missing");
  return *value;
}

bool Fields::has(std::string_view name) const {
  const json::value* value = find(name);
  return value != nullptr && !value->is_null();
}

std::string Fields::text(std::string_view name) const {
  const json::value& value = at(name);
  if (!value.is_string()) fail(name, fmt::format("expected a string, found {}", kind_name(value)));
  return std::string(value.get_string());
}

std::string Fields::text_or(std::string_view name, std::string fallback) const {
  return has(name) ? text(name) : std::move(fallback);
}

std::optional<std::string> Fields::text_or_null(std::string_view name) const {
  if (at(name).is_null()) return std::nullopt;
  return text(name);
}

double Fields::number(std::string_view name) const {
  const json::value& value = at(name);
  if (!value.is_number()) fail(name, fmt::format("expected a number, found {}", kind_name(value)));
  const double number = value.to_number<double>();
  if (!std::isfinite(number) || number < 0) fail(name, "expected a finite number of at least 0");
  return number;
}

std::optional<double> Fields::number_or_null(std::string_view name) const {
  if (at(name).is_null()) return std::nullopt;
  return number(name);
}

std::int64_t Fields::integer(std::string_view name) const {
  boost::system::error_code error;
  const auto number = at(name).to_number<std::int64_t>(error);
  if (error) fail(name, fmt::format("expected an integer, found {}", kind_name(at(name))));
  return number;
}

std::int64_t Fields::count(std::string_view name) const {
  const std::int64_t number = integer(name);
  if (number < 0) fail(name, "expected an integer of at least 0");
  return number;
}

std::uint64_t Fields::seed(std::string_view name) const {
  boost::system::error_code error;
  const auto number = at(name).to_number<std::uint64_t>(error);
  if (error) fail(name, fmt::format("expected an unsigned integer, found {}", kind_name(at(name))));
  return number;
}

bool Fields::flag(std::string_view name) const {
  const json::value& value = at(name);
  if (!value.is_bool()) fail(name, fmt::format("expected a boolean, found {}", kind_name(value)));
  return value.get_bool();
}

Fields Fields::object(std::string_view name) const {
  return Fields(at(name), where_, fmt::format("{}{}.", prefix_, name));
}

std::vector<Fields> Fields::objects(std::string_view name) const {
  std::vector<Fields> items;
  if (!has(name)) return items;
  const json::array* array = at(name).if_array();
  if (array == nullptr) fail(name, fmt::format("expected an array, found {}", kind_name(at(name))));
  for (std::size_t i = 0; i < array->size(); ++i) {
    items.emplace_back((*array)[i], where_, fmt::format("{}{}[{}].", prefix_, name, i));
  }
  return items;
}

std::vector<std::string> Fields::texts(std::string_view name) const {
  std::vector<std::string> items;
  if (!has(name)) return items;
  const json::array* array = at(name).if_array();
  if (array == nullptr) fail(name, fmt::format("expected an array, found {}", kind_name(at(name))));
  for (const json::value& item : *array) items.push_back(as_text(item));
  return items;
}

std::vector<std::int64_t> Fields::integers(std::string_view name) const {
  std::vector<std::int64_t> items;
  if (!has(name)) return items;
  const json::array* array = at(name).if_array();
  if (array == nullptr) fail(name, fmt::format("expected an array, found {}", kind_name(at(name))));
  for (const json::value& item : *array) {
    boost::system::error_code error;
    items.push_back(item.to_number<std::int64_t>(error));
    if (error) fail(name, fmt::format("expected integers, found {}", kind_name(item)));
  }
  return items;
}

NamedTexts Fields::named_texts(std::string_view name) const {
  NamedTexts items;
  if (!has(name)) return items;
  const json::object* object = at(name).if_object();
  if (object == nullptr) {
    fail(name, fmt::format("expected an object, found {}", kind_name(at(name))));
  }
  for (const auto& member : *object) items.emplace_back(member.key(), as_text(member.value()));
  return items;
}

std::vector<std::string> Fields::names() const {
  std::vector<std::string> items;
  for (const auto& member : *object_) items.emplace_back(member.key());
  return items;
}

std::string read_text(const std::filesystem::path& path, const std::string& where) {
  if (!std::filesystem::exists(path)) throw DamagedRun(where + ": is missing");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.bad()) throw DamagedRun(where + ": cannot be read");
  return std::move(text).str();
}

json::value read_json(const std::filesystem::path& path, const std::string& where) {
  const std::string text = read_text(path, where);
  json::parser parser;
  boost::system::error_code error;
  const std::size_t consumed = parser.write_some(text, error);
  const auto rest = error ? std::string::npos : text.find_first_not_of(" \t\r\n", consumed);
  if (error || rest != std::string::npos) {
    throw DamagedRun(fmt::format("{}: is not JSON: {} at byte {} of {}", where,
                                 error ? error.message() : std::string("text after the value"),
                                 consumed, text.size()));
  }
  return parser.release();
}

}  // namespace boxoffice::reports
