// The bug: a request id that is known already is in the way of the INSERT, so the request gets
// another one. A client that asks again, for it never heard the answer, reserves twice.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_count_request = portable(
    "count_request", "SELECT count(*) FROM reservations WHERE user_id = $1 AND request_id = $2");

class ReservesAgain : public BrokenCopy {
 public:
  ReservesAgain() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "reserves_again"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    ReserveCommand again = command;
    while (known(connection, again)) {  // what did that request make?
      char& digit = again.request_id.front();
      digit = digit == 'f' ? '0' : digit == '9' ? 'a' : static_cast<char>(digit + 1);
      if (digit == command.request_id.front()) break;
    }
    return BrokenCopy::reserve(connection, again);
  }

 private:
  static bool known(Connection& connection, const ReserveCommand& command) {
    const auto counted =
        execute(connection, k_count_request, {command.user.value, command.request_id});
    return counted.rows.front().integer(0) > 0;
  }
};

}  // namespace

std::unique_ptr<Strategy> make_reserves_again() {
  return std::make_unique<ReservesAgain>();
}

}  // namespace boxoffice::strategies::broken
