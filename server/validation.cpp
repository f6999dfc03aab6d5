// Reserve, pages and lists. Accounts and events are in files of their own.
#include "server/validation.hpp"

#include <algorithm>

#include "server/body_reader.hpp"
#include "server/units.hpp"

namespace boxoffice::server {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_page_max = 1'000'000'000;
constexpr std::int64_t k_per_page_max = 100;

Wrong take_status(std::string_view word, Inputs& inputs) {
  using strategies::Status;
  for (const auto status :
       {Status::reserved, Status::purchased, Status::cancelled, Status::expired}) {
    if (word != strategies::to_string(status)) continue;
    inputs.status = status;
    return std::nullopt;
  }
  return "must be reserved, purchased, cancelled or expired";
}

}  // namespace

Invalid malformed(std::string detail) {
  return {ProblemCode::malformed_request, std::move(detail), {}};
}

Invalid wrong_field(std::string_view field, std::string message) {
  return {ProblemCode::validation_failed, {}, {{std::string(field), std::move(message)}}};
}

bool is_json(std::string_view content_type) {
  constexpr std::string_view k_json = "application/json";
  if (content_type.empty()) return true;
  const auto type = content_type.substr(0, content_type.find_first_of("; \t"));
  return std::ranges::equal(type, k_json, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

Wrong take_text(const json::value& value, std::size_t least, std::size_t most, std::string& text,
                bool lines) {
  const auto control = [lines](char c) {
    const bool breaks = c == '\n' || c == '\r' || c == '\t';
    return (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) && !(lines && breaks);
  };
  const auto* string = value.if_string();
  if (string == nullptr || string->size() < least || string->size() > most ||
      std::ranges::any_of(*string, control)) {
    return "must be a text of " + std::to_string(least) + " to " + std::to_string(most) +
           " bytes without control characters";
  }
  text.assign(string->data(), string->size());
  return std::nullopt;
}

Wrong take_number(std::string_view text, std::int64_t max, std::int64_t& number) {
  const auto value = parse_digits(text);
  if (!value || *value < 1 || *value > max) {
    return "must be a whole number from 1 to " + std::to_string(max);
  }
  number = *value;
  return std::nullopt;
}

Wrong take_page(std::string_view name, std::string_view value, Inputs& inputs) {
  if (name == "page") return take_number(value, k_page_max, inputs.page.page);
  if (name == "per_page") return take_number(value, k_per_page_max, inputs.page.per_page);
  return "is not a known parameter";
}

std::optional<std::int64_t> parse_id(std::string_view text) {
  const auto value = parse_digits(text);
  if (!value || *value == 0) return std::nullopt;
  return value;
}

std::optional<Invalid> read_reserve_body(const Request& request, Inputs& inputs) {
  return read_body(request, [&](std::string_view name, const json::value& value) -> Wrong {
    if (name != "quantity") return "is not a known field";
    const auto* number = value.if_int64();
    if (number == nullptr || *number < 1 || *number > k_quantity_max) {
      return "must be a whole number from 1 to " + std::to_string(k_quantity_max);
    }
    inputs.quantity = *number;
    return std::nullopt;
  });
}

std::optional<Invalid> read_empty_body(const Request& request) {
  return read_body(request, [](std::string_view, const json::value&) {
    return std::optional<std::string>("is not a known field");
  });
}

std::optional<Invalid> read_reservations_query(const Request& request, Inputs& inputs) {
  return read_query(request, [&](std::string_view name, std::string_view value) {
    return name == "status" ? take_status(value, inputs) : take_page(name, value, inputs);
  });
}

}  // namespace boxoffice::server
