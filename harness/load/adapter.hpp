// The shape of a server's API, as a plain value: where a request goes, what it carries, and what a
// reply's status and fields mean.
//
// Worker and ReplyReader know no path, no field and no status but those of the plan's adapter; its
// default is our own API, so that there is one code path for both. A reply of another shape is
// translated into what our API would have said (status and code), before the one table that
// classifies looks at it: history, oracle and reports know one vocabulary only. What an adapter
// does not name means nothing: such a reply is in doubt. docs/adapters.md says how a file maps one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/history.hpp"

namespace boxoffice::load {

enum class Method { get, post, put, patch, del };

/// What a path or a body may carry of the operation.
enum class Place { none, event_id, reservation_id, quantity, user_id, request_id };

/// How an id that is a text is written: percent-encoded, as a JSON value, or within a JSON text.
enum class Form { path, json_value, json_text };

/// A text, and the value that follows it.
struct Piece {
  std::string text;
  Place place = Place::none;
  Form form = Form::path;
  bool operator==(const Piece&) const = default;
};
using Pattern = std::vector<Piece>;

struct Values {
  std::int64_t event_id = 0;
  std::int64_t reservation_id = 0;
  std::int64_t quantity = 0;
  std::int64_t user_id = 0;
  std::string_view request_id = {};
  std::string_view event_text = {}, reservation_text = {};  ///< instead of the number
};

/// "/shows/{event_id}" in pieces. Throws std::invalid_argument with a sentence where a brace names
/// no place.
Pattern parse_pattern(std::string_view text);
bool carries(const Pattern& pattern, Place place);
void append(std::string& out, const Pattern& pattern, const Values& values);

/// The names of nested JSON fields, outermost first ("0" is an array's first); empty: no such
/// field.
using FieldPath = std::vector<std::string>;
/// "order.id" at its dots. Throws std::invalid_argument where a name is empty.
FieldPath parse_field_path(std::string_view text);

/// Where a reply says what.
struct ReplyFields {
  FieldPath reservation_id, user_id, quantity, status, expires_at;  ///< of a success
  FieldPath available, version, total_tickets;                      ///< of any reply
};

/// What our API would have answered.
struct Meaning {
  int http = 0;
  std::string_view code;  ///< empty for a success; of static storage
  bool effect_none = false;
};

/// Replies with this status, and this code where one is given, mean that.
struct OutcomeRule {
  int http = 0;
  std::string code;  ///< empty: any
  Meaning means;
};

struct OperationShape {
  bool offered = true;
  Method method = Method::get;
  Pattern path, body;
  bool authenticated = true;
  ReplyFields reply;
  std::vector<OutcomeRule> outcomes;  ///< empty: the server answers with our statuses and codes

  /// The rule for this very code before the one for any; null: the adapter does not know it.
  const Meaning* meaning_of(int http, std::string_view code) const;
};

/// Header lines up to the value; empty: it is not sent.
struct RequestHeaders {
  std::string before_token = "Authorization: Bearer ";
  std::string after_token;
  std::string before_request_id = "X-Request-Id: ";
};

struct Adapter {
  std::array<OperationShape, 4> operations;  ///< index: properties::Function
  RequestHeaders headers;
  FieldPath code;  ///< why it was refused
  /// The server's words for a reservation's status.
  std::vector<std::pair<std::string, properties::ReservationStatus>> statuses;
  /// One active hold a user: a reserve beside it answers with that hold.
  bool one_hold_per_user = true;

  /// Whether a reservation may be known by its event and its id only: wherever it is named, the
  /// event is, or it is named nowhere.
  bool ids_per_event() const;

  OperationShape& of(properties::Function f) { return operations[static_cast<std::size_t>(f)]; }
  const OperationShape& of(properties::Function f) const {
    return operations[static_cast<std::size_t>(f)];
  }
};

/// The shape of our own API.
const Adapter& own_api();

/// What `word` says of an operation's outcome ("created", "sold_out", ...); nothing: no such word.
std::optional<Meaning> meaning_named(properties::Function f, std::string_view word);
/// The words for an operation, the success first.
std::vector<std::string_view> outcome_words(properties::Function f);

}  // namespace boxoffice::load
