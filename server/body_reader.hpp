// What the readers of validation share: the walk over a body's fields and over a query's
// parameters, each handed to one function that takes it or says what is wrong with it.
//
// Bodies are parsed into a buffer on the stack: they are tiny, and 64 KiB is the most there can be.
// boost::json checks UTF-8 and depth; boost::url decodes queries.
#pragma once

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/url/parse_query.hpp>

#include "server/passwords.hpp"
#include "server/validation.hpp"

namespace boxoffice::server {

/// What is wrong with a field; nothing where it was taken.
using Wrong = std::optional<std::string>;

Invalid malformed(std::string detail);
Invalid wrong_field(std::string_view field, std::string message);
bool is_json(std::string_view content_type);

/// A string of `least` to `most` bytes without control characters (`lines`: line breaks and tabs
/// are none).
Wrong take_text(const boost::json::value& value, std::size_t least, std::size_t most,
                std::string& text, bool lines = false);
Wrong take_number(std::string_view text, std::int64_t max, std::int64_t& number);
/// `page` or `per_page`; any other name is wrong.
Wrong take_page(std::string_view name, std::string_view value, Inputs& inputs);

/// What a body is parsed into, which may be a password.
struct ParserMemory {
  std::array<unsigned char, 4096> bytes;
  ~ParserMemory() { wipe(bytes.data(), bytes.size()); }
};

/// The fields of the body, each handed to `take(name, value) -> Wrong`. An empty body has none.
template <class Take>
std::optional<Invalid> read_body(const Request& request, const Take& take) {
  if (request.body.empty()) return std::nullopt;
  if (!is_json(request.content_type) || request.encoded) {
    return Invalid{ProblemCode::unsupported_media_type, {}, {}};
  }
  ParserMemory memory;
  boost::json::monotonic_resource resource(memory.bytes.data(), memory.bytes.size());
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 8;
  const auto body = boost::json::parse(request.body, error, &resource, options);
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
    const boost::urls::encoding_opts plus_is_blank(true);
    const std::string name = parameter.key.decode(plus_is_blank);
    const std::string value = parameter.value.decode(plus_is_blank);
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      return malformed("The query has a parameter whose name is not ASCII.");
    }
    if (auto wrong = take(name, value)) return wrong_field(name, std::move(*wrong));
  }
  return std::nullopt;
}

}  // namespace boxoffice::server
