// The bug: purchase looks at the status only, never at the clock. Until the sweep comes by, a hold
// whose time is over can still be bought.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_purchase_any_time{
    "purchase_any_time",
    "UPDATE reservations SET status = 'purchased', purchased_at = clock_timestamp(),"
    " updated_at = clock_timestamp() WHERE id = $1 AND user_id = $2 AND status = 'reserved'",
    "UPDATE reservations SET status = 'purchased', purchased_at = NOW(6), updated_at = NOW(6)"
    " WHERE id = $1 AND user_id = $2 AND status = 'reserved'"};

RefusalCode why_ended(Status status) {
  if (status == Status::purchased) return RefusalCode::already_purchased;
  if (status == Status::cancelled) return RefusalCode::already_cancelled;
  return RefusalCode::reservation_expired;
}

class PurchaseAfterExpiry : public BrokenCopy {
 public:
  PurchaseAfterExpiry() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "purchase_after_expiry"; }

  Result<PurchaseReply> purchase(Connection& connection,
                                 const PurchaseCommand& command) const override {
    return transact<PurchaseReply>(
        connection,
        [&](Transaction& t) -> Result<PurchaseReply> {
          const Answer bought =
              execute(t, k_purchase_any_time, {command.reservation.value, command.user.value});
          const auto row = read_reservation(t, command.reservation, command.user);
          if (!row) return Refusal{RefusalCode::reservation_not_found, {}};
          if (bought.affected == 0) return Refusal{why_ended(row->status), {}};
          t.commit();
          return PurchaseReply{*row};
        },
        [](Transaction&) -> std::optional<Result<PurchaseReply>> { return std::nullopt; });
  }
};

}  // namespace

std::unique_ptr<Strategy> make_purchase_after_expiry() {
  return std::make_unique<PurchaseAfterExpiry>();
}

}  // namespace boxoffice::strategies::broken
