// The bug: the payment has arrived, so purchase marks the reservation as paid, whatever state it is
// in. A hold that was swept, and whose tickets others have bought since, comes back to life.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_purchase_whatever{
    "purchase_whatever",
    "UPDATE reservations SET status = 'purchased', purchased_at = clock_timestamp(),"
    " closed_event_version = NULL, updated_at = clock_timestamp()"
    " WHERE id = $1 AND user_id = $2 AND status <> 'purchased'",
    "UPDATE reservations SET status = 'purchased', purchased_at = NOW(6),"
    " closed_event_version = NULL, updated_at = NOW(6)"
    " WHERE id = $1 AND user_id = $2 AND status <> 'purchased'"};

class ResurrectsTerminal : public BrokenCopy {
 public:
  ResurrectsTerminal() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "resurrects_terminal"; }

  Result<PurchaseReply> purchase(Connection& connection,
                                 const PurchaseCommand& command) const override {
    return transact<PurchaseReply>(
        connection,
        [&](Transaction& t) -> Result<PurchaseReply> {
          const Answer paid =
              execute(t, k_purchase_whatever, {command.reservation.value, command.user.value});
          const auto row = read_reservation(t, command.reservation, command.user);
          if (!row) return Refusal{RefusalCode::reservation_not_found, {}};
          if (paid.affected == 0) return Refusal{RefusalCode::already_purchased, {}};
          t.commit();
          return PurchaseReply{*row};
        },
        [](Transaction&) -> std::optional<Result<PurchaseReply>> { return std::nullopt; });
  }
};

}  // namespace

std::unique_ptr<Strategy> make_resurrects_terminal() {
  return std::make_unique<ResurrectsTerminal>();
}

}  // namespace boxoffice::strategies::broken
