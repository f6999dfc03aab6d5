// The pretty printer: a value that fits on a line stays on it, any other is opened up.
#include "reports/json_text.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
constexpr std::size_t k_line_max = 100;

std::string scalar_text(const json::value& value) {
  if (!value.is_double()) return json::serialize(value);
  const double number = value.get_double();
  return std::isfinite(number) ? fmt::format("{}", number) : "null";
}

std::string flat_text(const json::value& value);

template <class Items, class Text>
std::string joined(const Items& items, char open, char close, Text text) {
  std::string line(1, open);
  for (const auto& item : items) {
    if (line.size() > 1) line += ", ";
    line += text(item);
  }
  return line + close;
}

std::string flat_text(const json::value& value) {
  if (const auto* object = value.if_object()) {
    return joined(*object, '{', '}', [](const json::key_value_pair& member) {
      return json::serialize(json::string_view(member.key())) + ": " + flat_text(member.value());
    });
  }
  if (const auto* array = value.if_array()) return joined(*array, '[', ']', flat_text);
  return scalar_text(value);
}

void write(std::string& out, const json::value& value, std::size_t indent) {
  const std::string flat = flat_text(value);
  const bool opened = value.is_object() || value.is_array();
  if (!opened || flat.size() + indent <= k_line_max) {
    out += flat;
    return;
  }
  const std::string margin(indent + 2, ' ');
  out += value.is_object() ? "{" : "[";
  bool first = true;
  const auto next_line = [&] {
    out += first ? "\n" : ",\n";
    out += margin;
    first = false;
  };
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      next_line();
      out += json::serialize(json::string_view(member.key())) + ": ";
      write(out, member.value(), indent + 2);
    }
  } else {
    for (const auto& item : value.get_array()) {
      next_line();
      write(out, item, indent + 2);
    }
  }
  out += '\n';
  out.append(indent, ' ');
  out += value.is_object() ? '}' : ']';
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  write(out, value, 0);
  return out + "\n";
}

}  // namespace boxoffice::reports
