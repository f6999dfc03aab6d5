// version "-" trace-id "-" parent-id "-" trace-flags, all in lower-case hexadecimal. Version 00
// ends there; a later one may go on behind another dash.
#include "server/trace_context.hpp"

#include <algorithm>

namespace boxoffice::server {
namespace {

constexpr std::size_t k_chars = 55;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string_view trace_id_of(std::string_view text) {
  if (text.size() < k_chars) return {};
  const auto version = text.substr(0, 2), trace = text.substr(3, 32), parent = text.substr(36, 16),
             flags = text.substr(53, 2);
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  for (const auto part : {version, trace, parent, flags}) {
    if (!is_hex(part)) return {};
  }
  if (version == "ff" || is_zero(trace) || is_zero(parent)) return {};
  if (text.size() > k_chars && (version == "00" || text[k_chars] != '-')) return {};
  return trace;
}

}  // namespace boxoffice::server
