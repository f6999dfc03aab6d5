// Reading what a client sent: ids, bodies, queries. The one place that says what is accepted.
//
// An id in a path is decimal digits in 1..2^63-1; anything else names nothing, so that it is 404 of
// that resource's kind rather than 400: `/api/events/abc` and `/api/events/999999` have the same
// answer. Fields and parameters that nobody knows are refused, because a misspelt `quantity` that
// is ignored would sell one ticket where three were wanted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/abilities.hpp"
#include "server/problem.hpp"
#include "server/request.hpp"
#include "strategies/administration.hpp"

namespace boxoffice::server {

inline constexpr std::int64_t k_quantity_max = 1000;

/// Why a request is refused: malformed_request, unsupported_media_type or validation_failed.
struct Invalid {
  ProblemCode code = ProblemCode::validation_failed;
  std::string detail;
  std::vector<FieldError> errors;
};

struct AccountInput {
  std::string name, email, password, device_name;
  Abilities abilities;
};

/// What a request may carry beside its path; each reader fills its part.
struct Inputs {
  std::int64_t id = 0;
  std::int64_t quantity = 1;
  strategies::Page page;
  std::optional<strategies::Status> status;
  std::optional<AccountInput> account = {};
  std::optional<strategies::EventEdit> event = {};
  std::optional<strategies::EventFilter> filter = {};
};

/// A revision that no event has.
inline constexpr std::int64_t k_no_revision = -1;

std::optional<std::int64_t> parse_id(std::string_view text);

/// `{"quantity": 1..1000}`; an empty body is a quantity of 1.
std::optional<Invalid> read_reserve_body(const Request& request, Inputs& inputs);
/// Nothing, or an object without a field.
std::optional<Invalid> read_empty_body(const Request& request);
/// `page`, `per_page`, `q`, `category`, `from`, `to`, `available`, `sort`.
std::optional<Invalid> read_events_query(const Request& request, Inputs& inputs);
/// `page`, `per_page` and `status`.
std::optional<Invalid> read_reservations_query(const Request& request, Inputs& inputs);

/// `{"name","email","password"}`, and `device_name` where wanted.
std::optional<Invalid> read_registration(const Request& request, Inputs& inputs);
/// `{"email","password","device_name"}`, and `abilities` where the token shall have fewer than all.
std::optional<Invalid> read_login(const Request& request, Inputs& inputs);

/// All of them optional; then `name`, `total_tickets` and `event_date` required.
std::optional<Invalid> read_event_edit(const Request& request, Inputs& inputs);
std::optional<Invalid> read_new_event(const Request& request, Inputs& inputs);
/// The revision that If-Match wants (an ETag is "revision.version"); nothing where any will do.
std::optional<std::int64_t> read_if_match(const Request& request);
/// Whether If-None-Match names this ETag: then the client has what it would be sent (RFC 9110,
/// 13.1.2, which compares weakly).
bool has_already(const Request& request, std::string_view etag);

}  // namespace boxoffice::server
