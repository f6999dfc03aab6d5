// Purchase, the same in every strategy: it changes no inventory, so it locks its reservation only.
//
//   BEGIN
//   SELECT ... FROM reservations WHERE id = ? AND user_id = ? FOR UPDATE
//                                                  <- waits for a cancel or a sweep
//   UPDATE ... SET status = 'purchased' WHERE id = ? AND status = 'reserved' AND expires_at > now
//   SELECT ... FROM reservations WHERE id = ? AND user_id = ?
//   COMMIT
//
// The clock is compared in a statement of its own, because that must begin after the lock is held:
// a single guarded UPDATE that waits for the row would compare with the clock from before the wait
// (pitfall P14). It is read once, so that purchased_at is the instant that was compared.
#include "strategies/rows.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_lock = portable(
    "lock_reservation", "SELECT status FROM reservations WHERE id = $1 AND user_id = $2 FOR UPDATE",
    Waits::for_row_lock);

constexpr Statement k_purchase{
    "purchase_hold",
    "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)"
    " UPDATE reservations r SET status = 'purchased', purchased_at = clock.now,"
    " updated_at = clock.now FROM clock"
    " WHERE r.id = $1 AND r.status = 'reserved' AND r.expires_at > clock.now",
    "UPDATE reservations SET status = 'purchased', purchased_at = NOW(6), updated_at = NOW(6)"
    " WHERE id = $1 AND status = 'reserved' AND expires_at > NOW(6)"};

std::optional<Status> lock_reservation(Transaction& transaction, const PurchaseCommand& command) {
  const auto row =
      execute(transaction, k_lock, {command.reservation.value, command.user.value}).first();
  if (!row) return std::nullopt;
  return status_from(row->text(0));
}

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
  const auto status = lock_reservation(transaction, command);
  if (!status) return Refusal{RefusalCode::reservation_not_found, {}};
  if (*status != Status::reserved) return refusal_for(*status);
  const std::int64_t id = command.reservation.value;
  const auto answers = execute_all(
      transaction, {{k_purchase, {id}}, {k_find_reservation, {id, command.user.value}}});
  if (answers[0].affected == 0) return refusal_for(Status::expired);
  transaction.commit();
  return PurchaseReply{reservation_of(answers[1].rows.front())};
}

std::optional<Result<PurchaseReply>> recover(Transaction& transaction,
                                             const PurchaseCommand& command) {
  const auto status = lock_reservation(transaction, command);
  if (!status) return Refusal{RefusalCode::reservation_not_found, {}};
  if (*status == Status::reserved) return std::nullopt;
  if (*status == Status::purchased) throw_commit_unknown(*status);
  return refusal_for(*status);
}

}  // namespace

Result<PurchaseReply> purchase_under_row_lock(Connection& connection,
                                              const PurchaseCommand& command) {
  return transact<PurchaseReply>(
      connection, [&](Transaction& transaction) { return purchase_once(transaction, command); },
      [&](Transaction& transaction) { return recover(transaction, command); });
}

}  // namespace boxoffice::strategies
