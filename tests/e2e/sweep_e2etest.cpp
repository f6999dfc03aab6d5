// Several instances sweep one database: each hold is released once, whoever leads, and where the
// leader dies another one does its work.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

using namespace std::chrono_literals;

class SweepOf : public ServerTest {
 protected:
  static constexpr int k_holds = 40;

  /// Holds of forty users on each of the three seeded events, made through one instance.
  void make_holds(const RunningServer& server) {
    for (int user = 1; user <= k_holds; ++user) {
      Client buyer = server.client(tokens_[static_cast<std::size_t>(user)]);
      for (std::int64_t event = 1; event <= 3; ++event)
        ASSERT_EQ(201, buyer.reserve(event, 2).status());
    }
  }
  std::int64_t open_holds() {
    return sql_.number("SELECT count(*) FROM reservations WHERE status = 'reserved'");
  }
  void expect_each_released_once() {
    expect_nothing_oversold();
    EXPECT_EQ(3 * k_holds,
              sql_.number("SELECT count(*) FROM reservations WHERE status = 'expired'"));
    EXPECT_EQ(3, sql_.number("SELECT count(*) FROM events WHERE available_tickets = $1",
                             {std::to_string(k_seeded_tickets)}));
    EXPECT_EQ(0, sql_.number("SELECT count(*) FROM reservations r JOIN events e ON e.id ="
                             " r.event_id WHERE r.closed_event_version > e.version"));
  }
};

// The locks that the strategies take are what keeps a ticket from going back twice; the leader only
// saves work. So one instance sweeps on demand as well, as often as it can.
TEST_F(SweepOf, ThreeInstancesReleaseEachHoldOnce) {
  const std::vector<std::string> flags = {"--hold", "700ms", "--sweep-interval", "20ms"};
  RunningServer first = serve(flags), second = serve(flags), third = serve(flags);
  make_holds(first);
  Client admin = third.client(tokens_[0]);
  EXPECT_TRUE(eventually(
      [&] {
        const int status = admin.ask("POST", "/api/admin/sweep").status();
        EXPECT_TRUE(status == 200 || status == 409) << status;
        return open_holds() == 0;
      },
      15s));
  expect_each_released_once();
}

// The leader is in the middle of a pass: it waits for the first event, whose row is taken. While it
// stands still it leads on; a session that ends gives the lock back at once, with no lease to run
// out first.
TEST_F(SweepOf, AnInstanceWhoseLeaderDiedTakesOver) {
  make_holds(serve({"--hold", "1ms", "--sweep-interval", "0s"}));
  harness::Sql holder(url_);
  holder.run("BEGIN; SELECT 1 FROM events WHERE id = 1 FOR UPDATE");
  RunningServer leader = serve({"--sweep-interval", "20ms"});
  ASSERT_TRUE(eventually([&] {
    return sql_.number(
               "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE"
               " l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND"
               " a.wait_event_type = 'Lock'") == 1;
  })) << "it leads, and cannot go on";
  const std::string leading =
      "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype ="
      " 'advisory' AND l.granted AND a.pid = " +
      std::to_string(sql_.number("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                                 " AND database = (SELECT oid FROM pg_database WHERE datname ="
                                 " current_database())"));
  leader.program().process().signal(SIGSTOP);
  constexpr auto k_period = 2s;
  RunningServer heir = serve({"--sweep-interval", "2s"});
  ASSERT_TRUE(eventually([&] {
    return MetricsText(heir.client().ask("GET", "/metrics").raw.body)
               .value("boxoffice_sweeps_total", {{"result", "led_by_another"}}) >= 1;
  }));
  EXPECT_EQ(3 * k_holds, open_holds()) << "nothing was swept yet";
  leader.program().process().signal(SIGKILL);
  holder.run("COMMIT");
  ASSERT_TRUE(eventually([&] { return sql_.number(leading) == 0; })) << "its session has ended";
  EXPECT_TRUE(eventually([&] { return open_holds() == 0; }, k_period + 1s))
      << "one period, and a second for the work itself";
  expect_each_released_once();
}

TEST_F(SweepOf, ForgetsIdempotencyKeysAndEndedTokensAfterADay) {
  RunningServer server = serve({"--sweep-interval", "20ms"});
  Client buyer = server.client(tokens_[1]);
  EXPECT_EQ(201, buyer.ask("POST", "/api/events/1/reserve", "", "Idempotency-Key: a\r\n").status());
  EXPECT_EQ(201, buyer.ask("POST", "/api/events/2/reserve", "", "Idempotency-Key: b\r\n").status());
  sql_.run(
      "UPDATE idempotency_keys SET created_at = now() - interval '25 hours'"
      " WHERE idempotency_key = 'a'");
  EXPECT_TRUE(
      eventually([&] { return sql_.number("SELECT count(*) FROM idempotency_keys") == 1; }));
  const auto tokens = [&] { return sql_.number("SELECT count(*) FROM personal_access_tokens"); };
  const auto before = tokens();
  sql_.run(
      "UPDATE personal_access_tokens SET expires_at = now() - interval '25 hours'"
      " WHERE id = (SELECT max(id) FROM personal_access_tokens)");
  EXPECT_TRUE(eventually([&] { return tokens() == before - 1; }));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM idempotency_keys WHERE idempotency_key = 'b'"));
}

// Another session has the leader's lock, as an instance that sweeps does.
TEST_F(SweepOf, WhoeverAsksWhileAnotherSweepsIsTold) {
  RunningServer server = serve({"--sweep-interval", "0s"});
  Client admin = server.client(tokens_[0]);
  harness::Sql leader(url_);
  leader.run("SELECT pg_advisory_lock(x'626f786f66666365'::bigint)");
  const Reply refused = admin.ask("POST", "/api/admin/sweep");
  EXPECT_EQ(409, refused.status());
  EXPECT_EQ("sweep_running", refused.text("/code"));
  leader.run("SELECT pg_advisory_unlock(x'626f786f66666365'::bigint)");
  EXPECT_EQ(200, admin.ask("POST", "/api/admin/sweep").status());
}

// Whoever asks for sweeps all the time does not keep the others from what they do besides.
TEST_F(SweepOf, SweepsThatAreAskedForDoNotPutOffThoseThatAreDue) {
  RunningServer server = serve({"--sweep-interval", "300ms"});
  sql_.run(
      "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, created_at)"
      " SELECT min(id), 'old', repeat('a', 64), now() - interval '25 hours' FROM users");
  Client admin = server.client(tokens_[0]);
  const auto begin = std::chrono::steady_clock::now();
  while (sql_.number("SELECT count(*) FROM idempotency_keys") > 0) {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, 5s) << "not pruned";
    const int status = admin.ask("POST", "/api/admin/sweep").status();
    EXPECT_TRUE(status == 200 || status == 409) << status;
  }
}

}  // namespace
}  // namespace boxoffice::tests
