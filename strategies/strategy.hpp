// The interface that every locking strategy implements, and its commands and replies.
//
// Expected outcomes are values: a Result holds the reply or a Refusal (sold out, not found, ...),
// and a refusal changed nothing. What the environment does (database gone, retries exhausted) is
// thrown as a Failure.
#pragma once

#include <boost/system/result.hpp>
#include <memory>

#include "strategies/types.hpp"

namespace boxoffice::strategies {

class Connection;

enum class RefusalCode {
  event_not_found,
  sold_out,
  reservation_not_found,
  reservation_expired,
  already_purchased,
  already_cancelled,
  not_cancellable,
  // Of accounts and of the catalogue's administration, which no strategy returns.
  email_taken,
  token_not_found,
  capacity_below_committed,
  event_has_reservations,
  precondition_failed,
};

/// "sold_out", ...: the stable code of the HTTP API.
std::string_view to_string(RefusalCode code);

struct Refusal {
  RefusalCode code;
  std::optional<EventNumbers> event;  ///< sold_out: the numbers of the very read that decided it
};

[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location&);

template <class Reply>
using Result = boost::system::result<Reply, Refusal>;

struct ReserveCommand {
  EventId event;
  UserId user;
  std::int64_t quantity = 1;  ///< > 0
  std::string request_id;     ///< a UUID; unique per user; sent again it finds the same reservation
  std::chrono::microseconds hold{};  ///< how long the hold lasts
};

struct ReserveReply {
  bool created = false;  ///< false: one's own active hold, or the one this request_id made earlier
  Reservation reservation;
  EventNumbers event;
};

struct PurchaseCommand {
  ReservationId reservation;
  UserId user;
};

struct PurchaseReply {
  Reservation reservation;
};

struct CancelCommand {
  ReservationId reservation;
  UserId user;
};

struct CancelReply {
  Reservation reservation;
  EventNumbers event;
};

struct ReleaseReply {
  std::int64_t reservations = 0;  ///< holds that this batch expired; 0: nothing was due
  std::int64_t tickets = 0;
};

/// How many holds one batch of the sweep releases at most: bounds the time that the event's row is
/// locked.
inline constexpr std::int64_t k_release_batch = 200;

/// One way to keep two buyers off the last ticket. Stateless; used by many threads at once, each
/// with its own connection. Every function runs one transaction, again as a whole where it met a
/// conflict, and throws Failure (failure.hpp) where the environment failed or the tries ran out.
class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual std::string_view name() const = 0;
  virtual Result<ReserveReply> reserve(Connection&, const ReserveCommand&) const = 0;
  virtual Result<PurchaseReply> purchase(Connection&, const PurchaseCommand&) const = 0;
  virtual Result<CancelReply> cancel(Connection&, const CancelCommand&) const = 0;
  /// Expires up to k_release_batch holds of one event whose time is over.
  virtual Result<ReleaseReply> release_expired(Connection&, EventId) const = 0;
};

}  // namespace boxoffice::strategies
