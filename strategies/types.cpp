// Words of the vocabulary: the same in SQL, JSON and reports.
#include "strategies/types.hpp"

#include <stdexcept>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::reserved:
      return "reserved";
    case Status::purchased:
      return "purchased";
    case Status::cancelled:
      return "cancelled";
    case Status::expired:
      return "expired";
  }
  throw std::logic_error("a status that does not exist");
}

Status status_from(std::string_view word) {
  for (Status status : {Status::reserved, Status::purchased, Status::cancelled, Status::expired}) {
    if (word == to_string(status)) return status;
  }
  throw std::logic_error("the database holds a status that its CHECK forbids: " +
                         std::string(word));
}

std::string_view to_string(RefusalCode code) {
  switch (code) {
    case RefusalCode::event_not_found:
      return "event_not_found";
    case RefusalCode::sold_out:
      return "sold_out";
    case RefusalCode::reservation_not_found:
      return "reservation_not_found";
    case RefusalCode::reservation_expired:
      return "reservation_expired";
    case RefusalCode::already_purchased:
      return "already_purchased";
    case RefusalCode::already_cancelled:
      return "already_cancelled";
    case RefusalCode::not_cancellable:
      return "not_cancellable";
    case RefusalCode::email_taken:
      return "email_taken";
    case RefusalCode::token_not_found:
      return "token_not_found";
    case RefusalCode::capacity_below_committed:
      return "capacity_below_committed";
    case RefusalCode::event_has_reservations:
      return "event_has_reservations";
    case RefusalCode::precondition_failed:
      return "precondition_failed";
  }
  throw std::logic_error("a refusal code that does not exist");
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&) {
  throw std::logic_error("a refusal was taken for a reply: " +
                         std::string(to_string(refusal.code)));
}

}  // namespace boxoffice::strategies
