// Purchase, the same in every strategy: it changes no inventory, so it locks its reservation only.
//
//   BEGIN
//   SELECT ... FROM reservations WHERE id = ? AND user_id = ? FOR UPDATE   <- waits for a cancel or
//   a sweep UPDATE ... SET status = 'purchased' WHERE id = ? AND status = 'reserved' AND expires_at
//   > now RETURNING ... COMMIT
//
// Two statements, because the clock must be compared in one that began after the lock was held: a
// single guarded UPDATE that waits for the row would compare with the clock from before the wait
// (pitfall P14). The clock is read once, so that purchased_at is the instant that was compared.
#include "strategies/failure.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_lock{"lock_reservation",
                           "SELECT " BOXOFFICE_RESERVATION_COLUMNS("") " FROM reservations"
                           " WHERE id = $1::bigint AND user_id = $2::bigint FOR UPDATE"};

constexpr Statement k_purchase{
    "purchase_hold",
    "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)"
    " UPDATE reservations r SET status = 'purchased', purchased_at = clock.now, updated_at = "
    "clock.now FROM clock"
    " WHERE r.id = $1::bigint AND r.status = 'reserved' AND r.expires_at > clock.now"
    " RETURNING " BOXOFFICE_RESERVATION_COLUMNS("r.")};

Refusal refusal_for(Status status) {
  switch (status) {
    case Status::purchased:
      return {RefusalCode::already_purchased, {}};
    case Status::cancelled:
      return {RefusalCode::already_cancelled, {}};
    case Status::reserved:
    case Status::expired:
      break;
  }
  return {RefusalCode::reservation_expired, {}};
}

Result<PurchaseReply> purchase_once(Transaction& transaction, const PurchaseCommand& command) {
  const auto locked =
      execute_one(transaction, k_lock, {command.reservation.value, command.user.value});
  if (!locked) return Refusal{RefusalCode::reservation_not_found, {}};
  const Status status = reservation_of(*locked).status;
  if (status != Status::reserved) return refusal_for(status);
  const auto purchased = execute_one(transaction, k_purchase, {command.reservation.value});
  if (!purchased) return refusal_for(Status::expired);
  transaction.commit();
  return PurchaseReply{reservation_of(*purchased)};
}

std::optional<Result<PurchaseReply>> recover(Transaction& transaction,
                                             const PurchaseCommand& command) {
  const auto locked =
      execute_one(transaction, k_lock, {command.reservation.value, command.user.value});
  if (!locked) return Refusal{RefusalCode::reservation_not_found, {}};
  const Status status = reservation_of(*locked).status;
  if (status == Status::reserved) return std::nullopt;
  if (status == Status::purchased) {
    throw Failure(FailureCode::commit_unknown,
                  "the connection broke during COMMIT; the reservation is purchased, perhaps by "
                  "this request, "
                  "perhaps by another of the same user");
  }
  return refusal_for(status);
}

}  // namespace

Result<PurchaseReply> purchase_under_row_lock(Connection& connection,
                                              const PurchaseCommand& command) {
  return transact<PurchaseReply>(
      connection, [&](Transaction& transaction) { return purchase_once(transaction, command); },
      [&](Transaction& transaction) { return recover(transaction, command); });
}

}  // namespace boxoffice::strategies
