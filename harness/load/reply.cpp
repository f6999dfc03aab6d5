// See reply.hpp. A field of the wrong type counts as absent: whether the reply still carries what
// it must is decided at the end, in one place.
#include "harness/load/reply.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <chrono>
#include <cmath>

#include "properties/json_fields.hpp"

namespace boxoffice::load {
namespace {

namespace json = boost::json;
using properties::Function;

/// The index that a field path's name is in an array; nothing where it is none.
const json::value* element(const json::array& from, std::string_view name) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error != std::errc{} || end != name.data() + name.size()) return nullptr;
  return index < from.size() ? &from[index] : nullptr;
}

/// Null where there is no such field, or no path.
const json::value* field(const json::value& root, const FieldPath& path) {
  const json::value* value = path.empty() ? nullptr : &root;
  for (const std::string& name : path) {
    if (const json::object* object = value->if_object()) {
      value = object->if_contains(name);
    } else if (const json::array* array = value->if_array()) {
      value = element(*array, name);
    } else {
      return nullptr;
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

std::string_view text(const json::value& root, const FieldPath& path) {
  const json::value* value = field(root, path);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

/// Other APIs number their codes, or say true and false.
std::string code_text(const json::value& root, const FieldPath& path) {
  const json::value* value = field(root, path);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  return value->is_int64() || value->is_bool() ? json::serialize(*value) : std::string();
}

/// Larger than `most`, whatever JSON makes of it: no count and no version, and nothing that a
/// history may hold.
bool beyond(const json::value& root, const FieldPath& path, std::int64_t most) {
  const json::value* value = field(root, path);
  if (value == nullptr) return false;
  if (const auto* number = value->if_int64()) return *number > most || *number < -most;
  if (const auto* number = value->if_double()) return std::abs(*number) > static_cast<double>(most);
  return value->is_uint64();  // which are beyond an int64
}

/// False where it says a number that nobody can have meant.
bool read_event(const json::value& root, const ReplyFields& fields, properties::Output& out) {
  if (beyond(root, fields.available, properties::k_integer_max) ||
      beyond(root, fields.version, properties::k_integer_max)) {
    return false;
  }
  out.available = integer_at(root, fields.available);
  out.version = integer_at(root, fields.version);
  return true;
}

/// An id may be any number but the one that stands for none.
std::optional<std::int64_t> id_at(const json::value& root, const FieldPath& path) {
  const auto id = integer_at(root, path);
  return id && *id >= -properties::k_id_max ? id : std::nullopt;
}

/// What must be there for a success to be one: without the id nobody knows what it was about.
bool complete(Function asked, const ReplyFields& fields, const properties::Output& out) {
  if (asked == Function::read) return out.available.has_value();
  const bool named = asked == Function::reserve || !fields.reservation_id.empty();
  return !named || out.reservation_id.has_value();
}

/// As our own API says it: a problem has a code, and may promise that nothing was changed.
void read_problem(const json::value& root, const Adapter& adapter, Reply& reply) {
  static const FieldPath k_effect = {"effect"};
  reply.code = text(root, adapter.code);
  reply.effect_none = text(root, k_effect) == "none";
  reply.valid = !reply.code.empty();
}

bool success(int http) {
  return http >= 200 && http < 300;
}

/// A number of exactly `digits` digits at the front of `text`, which is moved past it.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  const char* end = text.data() + digits;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// ".123456" in microseconds; no fraction at all is zero.
bool take_fraction(std::string_view& text, std::int64_t& fraction_us) {
  fraction_us = 0;
  if (!take(text, '.')) return true;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    if (digits < 6) fraction_us = fraction_us * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (int missing = digits; missing < 6; ++missing) fraction_us *= 10;
  return digits >= 1 && digits <= 9;
}

/// "Z", or "+02:00": by how much the clock that wrote it is ahead of UTC.
bool take_zone(std::string_view& text, std::int64_t& ahead_us) {
  ahead_us = 0;
  if (take(text, 'Z') || take(text, 'z')) return true;
  const bool behind = take(text, '-');
  int hours{}, minutes{};
  if (!behind && !take(text, '+')) return false;
  if (!take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes) ||
      hours > 23 || minutes > 59) {
    return false;
  }
  ahead_us = (behind ? -1 : 1) * (hours * 60 + minutes) * std::int64_t{60'000'000};
  return true;
}

}  // namespace

std::optional<std::int64_t> integer_at(const json::value& root, const FieldPath& path) {
  const json::value* value = field(root, path);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<std::int64_t> parse_utc_us(std::string_view text) {
  int year{}, month{}, day{}, hour{}, minute{}, second{};
  std::int64_t fraction_us = 0, ahead_us = 0;
  const bool read = take_number(text, 4, year) && take(text, '-') && take_number(text, 2, month) &&
                    take(text, '-') && take_number(text, 2, day) &&
                    (take(text, 'T') || take(text, 't')) && take_number(text, 2, hour) &&
                    take(text, ':') && take_number(text, 2, minute) && take(text, ':') &&
                    take_number(text, 2, second) && take_fraction(text, fraction_us) &&
                    take_zone(text, ahead_us) && text.empty();
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!read || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + fraction_us - ahead_us;
}

ReplyReader::ReplyReader(const Adapter& adapter, TextIds* reservation_texts)
    : adapter_(adapter),
      reservation_texts_(reservation_texts),
      memory_(std::make_unique<unsigned char[]>(k_memory_bytes)) {}

Reply ReplyReader::read(Function asked, int http, std::string_view body) {
  json::monotonic_resource resource(memory_.get(), k_memory_bytes);
  boost::system::error_code error;
  parser_.reset(&resource);
  parser_.write(body.data(), body.size(), error);
  if (!error) return read_json(asked, http, parser_.release());
  parser_.reset();  // forgets what lies in `resource`
  return read_json(asked, http, {});
}

Reply ReplyReader::read_json(Function asked, int http, const json::value& root) const {
  const OperationShape& shape = adapter_.of(asked);
  Reply reply;
  reply.out.http = http;
  if (!shape.outcomes.empty()) {
    const Meaning* meaning = shape.meaning_of(http, code_text(root, adapter_.code));
    reply.known = meaning != nullptr;
    if (!reply.known) return reply;
    reply.out.http = meaning->http;
    reply.code = meaning->code;
    reply.effect_none = meaning->effect_none;
    reply.valid = true;
  } else if (!root.is_object()) {
    return reply;
  } else if (!success(http)) {
    read_problem(root, adapter_, reply);
  }
  bool readable = read_event(root, shape.reply, reply.out);
  if (success(reply.out.http)) {
    readable = read_reservation(root, shape.reply, reply.out) && readable;
    reply.valid = complete(asked, shape.reply, reply.out);
  }
  reply.valid = reply.valid && readable;
  return reply;
}

bool ReplyReader::read_reservation(const json::value& root, const ReplyFields& fields,
                                   properties::Output& out) const {
  out.reservation_id = id_at(root, fields.reservation_id);
  if (reservation_texts_ != nullptr) {
    const std::string_view id = text(root, fields.reservation_id);
    if (!id.empty()) out.reservation_id = reservation_texts_->number_of(id);
    if (id.empty() && out.reservation_id)
      out.reservation_id = reservation_texts_->number_of(*out.reservation_id);
  }
  out.user_id = id_at(root, fields.user_id);
  const bool countable = !beyond(root, fields.quantity, properties::k_quantity_max);
  if (countable) out.quantity = integer_at(root, fields.quantity);
  out.expires_us = parse_utc_us(text(root, fields.expires_at));
  const std::string_view word = text(root, fields.status);
  for (const auto& [name, status] : adapter_.statuses) {
    if (name == word) out.status = status;
  }
  return countable;
}

}  // namespace boxoffice::load
