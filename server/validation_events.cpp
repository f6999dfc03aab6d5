// Events as administrators write them, and how a catalogue is asked.
#include "server/body_reader.hpp"
#include "server/time_text.hpp"
#include "server/units.hpp"

namespace boxoffice::server {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_tickets_max = 1'000'000'000;
constexpr std::size_t k_event_name_bytes = 255;
constexpr std::size_t k_description_bytes = 10'000;
constexpr std::size_t k_category_bytes = 100;
constexpr std::size_t k_search_bytes = 100;

template <class Value>
Value& fresh(std::optional<Value>& value) {
  return value.emplace();
}

Wrong take_tickets(const json::value& value, std::int64_t& tickets) {
  const auto* number = value.if_int64();
  if (number == nullptr || *number < 0 || *number > k_tickets_max) {
    return "must be a whole number from 0 to " + std::to_string(k_tickets_max);
  }
  tickets = *number;
  return std::nullopt;
}

/// At most eight digits, then a point and one or two: a text, since 12.10 as a number is not exact.
Wrong take_price(const json::value& value, std::string& price) {
  const Wrong wrong = R"(must be a text such as "12.50")";
  if (take_text(value, 1, 11, price)) return wrong;
  const auto point = price.find('.');
  const auto whole = std::string_view(price).substr(0, point);
  const bool has_cents = point != std::string::npos;
  const auto cents = has_cents ? std::string_view(price).substr(point + 1) : "00";
  const bool fits = whole.size() <= 8 && cents.size() <= 2;
  return fits && parse_digits(whole) && parse_digits(cents) ? Wrong() : wrong;
}

Wrong take_currency(const json::value& value, std::string& currency) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (take_text(value, 3, 3, currency) || !std::ranges::all_of(currency, upper)) {
    return "must be three capital letters, as in ISO 4217";
  }
  return std::nullopt;
}

Wrong take_time(std::string_view text, strategies::Timestamp& time) {
  const auto parsed = parse_time(text);
  if (!parsed) return "must be a time such as 2026-01-31T12:00:00Z";
  time = *parsed;
  return std::nullopt;
}

Wrong take_time(const json::value& value, strategies::Timestamp& time) {
  return take_time(value.is_string() ? std::string_view(value.get_string()) : "", time);
}

Wrong take_field(std::string_view name, const json::value& value, strategies::EventEdit& edit) {
  if (name == "name") return take_text(value, 1, k_event_name_bytes, fresh(edit.name));
  if (name == "description")
    return take_text(value, 0, k_description_bytes, fresh(edit.description), true);
  if (name == "total_tickets") return take_tickets(value, fresh(edit.total_tickets));
  if (name == "price") return take_price(value, fresh(edit.price));
  if (name == "currency") return take_currency(value, fresh(edit.currency));
  if (name == "event_date") return take_time(value, fresh(edit.event_date));
  if (name == "category") return take_text(value, 1, k_category_bytes, fresh(edit.category));
  return "is not a known field";
}

Wrong take_order(std::string_view word, strategies::EventFilter& filter) {
  using strategies::EventOrder;
  filter.descending = word.starts_with('-');
  const auto name = word.substr(filter.descending ? 1 : 0);
  constexpr std::pair<std::string_view, EventOrder> k_orders[] = {
      {"id", EventOrder::id},
      {"event_date", EventOrder::date},
      {"name", EventOrder::name},
      {"available_tickets", EventOrder::available}};
  for (const auto& [known, order] : k_orders) {
    if (name != known) continue;
    filter.order = order;
    return std::nullopt;
  }
  return "must be id, event_date, name or available_tickets, with - in front for descending";
}

/// Boost.JSON checks it in bodies; a query's percent-encoding may hold any byte.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool beyond = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
    if (overlong || beyond) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

Wrong take_short(std::string_view text, std::string& taken) {
  if (text.size() > k_search_bytes) {
    return "must be at most " + std::to_string(k_search_bytes) + " bytes";
  }
  if (text.find('\0') != std::string_view::npos || !is_utf8(text)) return "must be UTF-8";
  taken = text;
  return std::nullopt;
}

}  // namespace

std::optional<Invalid> read_event_edit(const Request& request, Inputs& inputs) {
  strategies::EventEdit& edit = inputs.event.emplace();
  return read_body(request, [&](std::string_view name, const json::value& value) {
    return take_field(name, value, edit);
  });
}

std::optional<Invalid> read_new_event(const Request& request, Inputs& inputs) {
  auto invalid = read_event_edit(request, inputs);
  if (invalid) return invalid;
  const strategies::EventEdit& event = *inputs.event;
  Invalid missing;
  if (!event.name) missing.errors.push_back({"name", "is required"});
  if (!event.total_tickets) missing.errors.push_back({"total_tickets", "is required"});
  if (!event.event_date) missing.errors.push_back({"event_date", "is required"});
  if (missing.errors.empty()) return std::nullopt;
  return missing;
}

std::optional<Invalid> read_events_query(const Request& request, Inputs& inputs) {
  if (request.query.empty()) return std::nullopt;
  strategies::EventFilter& filter = inputs.filter.emplace();
  return read_query(request, [&](std::string_view name, std::string_view value) -> Wrong {
    if (name == "q") return take_short(value, filter.text);
    if (name == "category") return take_short(value, filter.category);
    if (name == "from") return take_time(value, fresh(filter.from));
    if (name == "to") return take_time(value, fresh(filter.to));
    if (name == "sort") return take_order(value, filter);
    if (name == "available") {
      filter.available = value == "true" || value == "1";
      return filter.available || value == "false" || value == "0" ? Wrong()
                                                                  : "must be true or false";
    }
    return take_page(name, value, inputs);
  });
}

std::optional<std::int64_t> read_if_match(const Request& request) {
  std::string_view tag = request.if_match;
  if (tag.empty() || tag == "*") return std::nullopt;
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return k_no_revision;
  tag = tag.substr(1, tag.size() - 2);
  const auto point = tag.find('.');
  const bool version = point == std::string_view::npos || parse_digits(tag.substr(point + 1));
  const auto revision = parse_digits(tag.substr(0, point));
  return version && revision ? *revision : k_no_revision;
}

bool has_already(const Request& request, std::string_view etag) {
  std::string_view rest = request.if_none_match;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    std::string_view tag = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
    while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace boxoffice::server
