// See needs.hpp.
#include "properties/linearizability/needs.hpp"

namespace boxoffice::properties::linearizability {
namespace {

constexpr StatusSet k_any_but_absent = reserved | purchased | cancelled | expired;

Status needed(ReservationStatus status) {
  switch (status) {
    case ReservationStatus::reserved:
      return reserved;
    case ReservationStatus::purchased:
      return purchased;
    case ReservationStatus::cancelled:
      return cancelled;
    case ReservationStatus::expired:
      break;
  }
  return expired;
}

/// Without rows, of a refusal that says "it is over".
StatusSet needs_by_replies(const Operation& refusal, const Ends& ends, bool of_cancel,
                           std::int64_t expires_from_ns) {
  if (ends.purchased) return purchased;
  StatusSet needs = cancelled | expired;
  if (of_cancel || ends.maybe_purchased) needs |= purchased;
  if (refusal.return_ns >= expires_from_ns) needs |= reserved;
  return needs;
}

/// A server may say "it is over" of a hold whose time is over before any sweep has met it; of what
/// was purchased, only after that.
RefusalNeeds needs_of_ended(const Run& run, const Reservation& reservation,
                            const Operation& refusal, const Ends& ends, bool audited) {
  const bool of_cancel = refusal.code() == "not_cancellable";
  // By a clock that was set back it is active again, and may be purchased.
  if (!of_cancel && run.clock_moved_us != 0) return {k_any_but_absent};
  const std::int64_t expires_from_ns = run.expires_from_ns(reservation);
  if (!audited) return {needs_by_replies(refusal, ends, of_cancel, expires_from_ns)};
  if (of_cancel && ends.purchased) return {purchased};
  if (of_cancel && ends.cancelled) return {cancelled};
  if (ends.purchased) return {purchased, expires_from_ns};
  return {reserved | cancelled | expired, expires_from_ns};
}

}  // namespace

StatusSet needs_of_found(const Reservation& reservation, const Operation& found) {
  if (found.out().status) return needed(*found.out().status);
  return saw_reserved(reservation, found) ? StatusSet{reserved} : k_any_but_absent;
}

RefusalNeeds needs_of_refusal(const Run& run, const Reservation& reservation,
                              const Operation& refusal, const Ends& ends, bool audited) {
  const std::string& code = refusal.code();
  if (refusal.completion->error.http == 404) {
    const bool owners = owner_of(reservation) == refusal.in().user_id;
    return {owners ? StatusSet{absent} : StatusSet{0}};
  }
  if (code == "already_purchased") return {purchased};
  if (code == "already_cancelled") return {cancelled};
  const bool over = code == "not_cancellable" || code == "reservation_expired";
  return over ? needs_of_ended(run, reservation, refusal, ends, audited) : RefusalNeeds{};
}

}  // namespace boxoffice::properties::linearizability
