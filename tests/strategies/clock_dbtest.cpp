// P12: only the database's clock decides. This program's own wall clock is shifted by replacing
// clock_gettime, which is what every clock of the C++ library calls.
#include <dlfcn.h>
#include <time.h>

#include <atomic>

#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace {
std::atomic<long> shift_s = 0;
}

extern "C" int clock_gettime(clockid_t clock, timespec* time) {
  static const auto real =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = real(clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += shift_s;
  return result;
}

namespace boxoffice::tests {

using namespace strategies;

class ShiftedClock : public StrategyTest {
 protected:
  ~ShiftedClock() override { shift_s = 0; }
  std::unique_ptr<Connection> connection_ = connect();
};

INSTANTIATE_TEST_SUITE_P(Sound, ShiftedClock, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(ShiftedClock, P12AProgramAnHourAheadNeitherExtendsNorShortensAHold) {
  const auto before = std::chrono::system_clock::now();
  shift_s = 3600;
  ASSERT_GT(std::chrono::system_clock::now() - before, 3599s) << "the shift is not in force";
  const EventId event = add_event(2);
  const ReserveCommand request = command(event, add_user(), 60s);
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  EXPECT_EQ(1, sql_.number(sql_for("SELECT count(*) FROM reservations WHERE expires_at > now() AND"
                                   " expires_at <= now() + interval '60 s'",
                                   "SELECT count(*) FROM reservations WHERE expires_at > NOW(6)"
                                   " AND expires_at <= NOW(6) + INTERVAL 60 SECOND")));
  EXPECT_EQ(0, strategy_->release_expired(*connection_, event).value().reservations);
  EXPECT_TRUE(strategy_->purchase(*connection_, {hold.id, request.user}));
}

TEST_P(ShiftedClock, P12AProgramAnHourBehindDoesNotKeepADeadHoldAlive) {
  shift_s = -3600;
  const EventId event = add_event(2);
  const ReserveCommand request = command(event, add_user(), 1us);
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  EXPECT_EQ(RefusalCode::reservation_expired,
            strategy_->purchase(*connection_, {hold.id, request.user}).error().code);
  EXPECT_EQ(1, strategy_->release_expired(*connection_, event).value().reservations);
}

}  // namespace boxoffice::tests
