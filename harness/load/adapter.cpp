// See adapter.hpp.
#include "harness/load/adapter.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <stdexcept>

#include "properties/names.hpp"

namespace boxoffice::load {
namespace {

using properties::Function;
using properties::ReservationStatus;

constexpr std::array<std::pair<std::string_view, Place>, 5> k_places = {{
    {"event_id", Place::event_id},
    {"reservation_id", Place::reservation_id},
    {"quantity", Place::quantity},
    {"user_id", Place::user_id},
    {"request_id", Place::request_id},
}};

constexpr unsigned bit(Function f) {
  return 1U << static_cast<unsigned>(f);
}
constexpr unsigned k_reserve = bit(Function::reserve);
constexpr unsigned k_purchase = bit(Function::purchase);
constexpr unsigned k_cancel = bit(Function::cancel);
constexpr unsigned k_change = k_purchase | k_cancel;
constexpr unsigned k_all = k_reserve | k_change | bit(Function::read);

struct Word {
  unsigned functions;  ///< bits of those that it is for
  std::string_view word;
  Meaning means;
};

// A success stands before what is refused. "ended" is what our API says to a cancel of what is no
// hold any more, however it ended.
constexpr Word k_words[] = {
    {k_reserve, "created", {201, "", false}},
    {k_reserve, "existing", {200, "", false}},
    {k_purchase, "purchased", {200, "", false}},
    {k_cancel, "cancelled", {200, "", false}},
    {bit(Function::read), "found", {200, "", false}},
    {k_reserve, "sold_out", {409, "sold_out", true}},
    {k_change, "expired", {410, "reservation_expired", true}},
    {k_change, "already_purchased", {409, "already_purchased", true}},
    {k_change, "already_cancelled", {409, "already_cancelled", true}},
    {k_change, "ended", {409, "not_cancellable", true}},
    {k_all, "not_found", {404, "not_found", true}},
    {k_all, "refused", {422, "refused", true}},
    {k_all, "conflict", {503, "retries_exhausted", true}},
    {k_all, "lock_timeout", {503, "lock_timeout", true}},
    {k_all, "overloaded", {503, "overloaded", true}},
    {k_all, "unavailable", {503, "database_unavailable", true}},
};

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// RFC 3986: what came from the server must not become another path.
void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved(c)) {
      out += c;
    } else {
      out.append({'%', k_digits[byte >> 4], k_digits[byte & 15]});
    }
  }
}

void append_text(std::string& out, Form form, std::string_view text) {
  if (form == Form::path) return append_encoded(out, text);
  const std::string quoted = boost::json::serialize(boost::json::string(text));
  const bool value = form == Form::json_value;
  out.append(value ? quoted : quoted.substr(1, quoted.size() - 2));
}

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_id(std::string& out, Form form, std::int64_t number, std::string_view text) {
  text.empty() ? append_number(out, number) : append_text(out, form, text);
}

ReplyFields own_fields() {
  return {.reservation_id = {"reservation", "id"},
          .user_id = {"reservation", "user_id"},
          .quantity = {"reservation", "quantity"},
          .status = {"reservation", "status"},
          .expires_at = {"reservation", "expires_at"},
          .available = {"event", "available_tickets"},
          .version = {"event", "version"},
          .total_tickets = {"event", "total_tickets"}};
}

OperationShape own_shape(Method method, std::string_view path) {
  OperationShape shape;
  shape.method = method;
  shape.path = parse_pattern(path);
  shape.reply = own_fields();
  return shape;
}

Adapter make_own_api() {
  Adapter api;
  api.of(Function::reserve) = own_shape(Method::post, "/api/events/{event_id}/reserve");
  api.of(Function::reserve).body = {{R"({"quantity":)", Place::quantity, Form::json_value},
                                    {"}", Place::none, Form::json_value}};
  api.of(Function::purchase) =
      own_shape(Method::post, "/api/reservations/{reservation_id}/purchase");
  api.of(Function::cancel) = own_shape(Method::del, "/api/reservations/{reservation_id}");
  api.of(Function::read) = own_shape(Method::get, "/api/events/{event_id}");
  api.of(Function::read).authenticated = false;
  api.code = {"code"};
  for (const auto status : {ReservationStatus::reserved, ReservationStatus::purchased,
                            ReservationStatus::cancelled, ReservationStatus::expired}) {
    api.statuses.emplace_back(properties::name_of(status), status);
  }
  return api;
}

}  // namespace

Pattern parse_pattern(std::string_view text) {
  Pattern pattern;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    Piece piece{std::string(text.substr(0, open)), Place::none, Form::path};
    text.remove_prefix(std::min(open, text.size()));
    if (!text.empty()) {
      const std::size_t close = text.find('}');
      const std::string_view name =
          text.substr(1, close == std::string_view::npos ? close : close - 1);
      const auto* const found = std::ranges::find(k_places, name, [](auto& p) { return p.first; });
      if (close == std::string_view::npos || found == k_places.end()) {
        std::string message = "has no such place: {" + std::string(name) + "}; there are";
        for (const auto& [known, place] : k_places) message.append(" {").append(known).append("}");
        throw std::invalid_argument(message);
      }
      piece.place = found->second;
      text.remove_prefix(close + 1);
    }
    pattern.push_back(std::move(piece));
  }
  return pattern;
}

bool carries(const Pattern& pattern, Place place) {
  return std::ranges::any_of(pattern, [&](const Piece& piece) { return piece.place == place; });
}

void append(std::string& out, const Pattern& pattern, const Values& values) {
  for (const Piece& piece : pattern) {
    out.append(piece.text);
    switch (piece.place) {
      case Place::none:
        break;
      case Place::event_id:
        append_id(out, piece.form, values.event_id, values.event_text);
        break;
      case Place::reservation_id:
        append_id(out, piece.form, values.reservation_id, values.reservation_text);
        break;
      case Place::quantity:
        append_number(out, values.quantity);
        break;
      case Place::user_id:
        append_number(out, values.user_id);
        break;
      case Place::request_id:
        out.append(values.request_id);
        break;
    }
  }
}

FieldPath parse_field_path(std::string_view text) {
  FieldPath path;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t dot = std::min(text.find('.', from), text.size());
    if (dot == from) throw std::invalid_argument("has an empty name between its dots");
    path.emplace_back(text.substr(from, dot - from));
    from = dot + 1;
  }
  return path;
}

const Meaning* OperationShape::meaning_of(int http, std::string_view code) const {
  const Meaning* of_any_code = nullptr;
  for (const OutcomeRule& rule : outcomes) {
    if (rule.http != http) continue;
    if (rule.code.empty()) {
      of_any_code = &rule.means;
    } else if (rule.code == code) {
      return &rule.means;
    }
  }
  return of_any_code;
}

bool Adapter::ids_per_event() const {
  return std::ranges::all_of(std::array{&of(Function::purchase), &of(Function::cancel)},
                             [](const OperationShape* shape) {
                               return !shape->offered || carries(shape->path, Place::event_id) ||
                                      carries(shape->body, Place::event_id);
                             });
}

const Adapter& own_api() {
  static const Adapter api = make_own_api();
  return api;
}

std::optional<Meaning> meaning_named(Function f, std::string_view word) {
  for (const Word& each : k_words) {
    if ((each.functions & bit(f)) != 0 && each.word == word) return each.means;
  }
  return std::nullopt;
}

std::vector<std::string_view> outcome_words(Function f) {
  std::vector<std::string_view> words;
  for (const Word& each : k_words) {
    if ((each.functions & bit(f)) != 0) words.push_back(each.word);
  }
  return words;
}

}  // namespace boxoffice::load
