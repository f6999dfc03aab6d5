// Bodies are parsed into a buffer on the stack: they are tiny, and 64 KiB is the most there can be.
// boost::json checks UTF-8 and depth; boost::url decodes queries.
#include "server/validation.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/url/parse_query.hpp>

#include "server/units.hpp"

namespace boxoffice::server {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_page_max = 1'000'000'000;
constexpr std::int64_t k_per_page_max = 100;

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

/// The fields of the body, each handed to `take(name, value) -> optional<string>` (its error).
template <class Take>
std::optional<Invalid> read_body(const Request& request, const Take& take) {
  if (request.body.empty()) return std::nullopt;
  if (!is_json(request.content_type) || request.encoded) {
    return Invalid{ProblemCode::unsupported_media_type, {}, {}};
  }
  std::array<unsigned char, 4096> memory;
  json::monotonic_resource resource(memory.data(), memory.size());
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  const json::value body = json::parse(request.body, error, &resource, options);
  if (error) return malformed("The body is not JSON: " + error.message() + ".");
  const auto* object = body.if_object();
  if (object == nullptr) return malformed("The body is not a JSON object.");
  Invalid invalid;
  for (const auto& field : *object) {
    if (auto wrong = take(std::string_view(field.key()), field.value())) {
      invalid.errors.push_back({std::string(std::string_view(field.key())), std::move(*wrong)});
    }
  }
  if (invalid.errors.empty()) return std::nullopt;
  return invalid;
}

/// As read_body, over the parameters of the query, decoded.
template <class Take>
std::optional<Invalid> read_query(const Request& request, const Take& take) {
  if (request.query.empty()) return std::nullopt;
  const auto parameters = boost::urls::parse_query(request.query);
  if (!parameters) return malformed("The query is not in the form of a URL's.");
  for (const auto& parameter : *parameters) {
    const std::string name(parameter.key.begin(), parameter.key.end());
    const std::string value(parameter.value.begin(), parameter.value.end());
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      return malformed("The query has a parameter whose name is not ASCII.");
    }
    if (auto wrong = take(name, value)) return wrong_field(name, std::move(*wrong));
  }
  return std::nullopt;
}

std::optional<std::string> take_number(std::string_view text, std::int64_t max,
                                       std::int64_t& number) {
  const auto value = parse_digits(text);
  if (!value || *value < 1 || *value > max) {
    return "must be a whole number from 1 to " + std::to_string(max);
  }
  number = *value;
  return std::nullopt;
}

std::optional<std::string> take_page(std::string_view name, std::string_view value,
                                     Inputs& inputs) {
  if (name == "page") return take_number(value, k_page_max, inputs.page.page);
  if (name == "per_page") return take_number(value, k_per_page_max, inputs.page.per_page);
  return "is not a known parameter";
}

std::optional<std::string> take_status(std::string_view word, Inputs& inputs) {
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

std::optional<std::int64_t> parse_id(std::string_view text) {
  const auto value = parse_digits(text);
  if (!value || *value == 0) return std::nullopt;
  return value;
}

std::optional<Invalid> read_reserve_body(const Request& request, Inputs& inputs) {
  return read_body(
      request, [&](std::string_view name, const json::value& value) -> std::optional<std::string> {
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

std::optional<Invalid> read_page_query(const Request& request, Inputs& inputs) {
  return read_query(request, [&](std::string_view name, std::string_view value) {
    return take_page(name, value, inputs);
  });
}

std::optional<Invalid> read_reservations_query(const Request& request, Inputs& inputs) {
  return read_query(request, [&](std::string_view name, std::string_view value) {
    return name == "status" ? take_status(value, inputs) : take_page(name, value, inputs);
  });
}

}  // namespace boxoffice::server
