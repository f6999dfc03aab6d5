// /metrics as Prometheus would see it, after requests whose number is known exactly.
#include <fmt/format.h>

#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

constexpr auto k_reserve = "/api/events/{id}/reserve";

class Metrics : public ServerTest {
 protected:
  static MetricsText scrape(const RunningServer& server) {
    const Reply reply = server.client().ask("GET", "/metrics");
    EXPECT_EQ(200, reply.status());
    EXPECT_EQ("text/plain; version=0.0.4; charset=utf-8", reply.header("content-type"));
    return MetricsText(reply.raw.body);
  }
};

TEST_F(Metrics, EveryRequestIsCountedOnceWhereItBelongs) {
  const auto event = add_event(3);
  RunningServer server = serve({"--strategy", "optimistic", "--pool", "3"});
  Client buyer = server.client(tokens_[1]);
  Client other = server.client(tokens_[2]);
  const auto hold = buyer.reserve(event, 2);
  ASSERT_EQ(201, hold.status());
  EXPECT_EQ(200, buyer.reserve(event).status()) << "the same hold again";
  EXPECT_EQ(409, other.reserve(event, 2).status());
  EXPECT_EQ(404, other.reserve(1'000'000).status());
  EXPECT_EQ(422, other.reserve(event, 0).status());
  EXPECT_EQ(401, server.client("1|wrong").reserve(event).status());
  EXPECT_EQ(200, buyer.purchase(hold.number("/reservation/id")).status());
  EXPECT_EQ(404, buyer.ask("GET", "/nowhere").status());
  EXPECT_EQ(400, Client(server.port()).send("nonsense\r\n\r\n").status());

  const MetricsText text = scrape(server);
  const auto replies = [&](const char* route, const char* status) {
    return text.sum("boxoffice_http_requests_total", {{"route", route}, {"status", status}});
  };
  EXPECT_EQ(1, replies(k_reserve, "201"));
  EXPECT_EQ(1, replies(k_reserve, "200"));
  EXPECT_EQ(1, replies(k_reserve, "409"));
  EXPECT_EQ(1, replies(k_reserve, "404"));
  EXPECT_EQ(1, replies(k_reserve, "422"));
  EXPECT_EQ(1, replies(k_reserve, "401"));
  EXPECT_EQ(1, replies("/api/reservations/{id}/purchase", "200"));
  EXPECT_EQ(1, replies("none", "404"));
  EXPECT_EQ(1, replies("none", "400"));
  EXPECT_EQ(9, text.sum("boxoffice_http_requests_total")) << "the scrape itself comes later";
  EXPECT_EQ(6, text.value("boxoffice_http_request_duration_seconds_count", {{"route", k_reserve}}));

  const auto attempts = [&](const char* outcome) {
    return text.value("boxoffice_reservation_attempts_total", {{"outcome", outcome}});
  };
  EXPECT_EQ(2, attempts("success"));
  EXPECT_EQ(1, attempts("sold_out"));
  EXPECT_EQ(1, attempts("event_not_found"));
  EXPECT_EQ(1, attempts("unauthenticated"));
  EXPECT_EQ(5, text.sum("boxoffice_reservation_attempts_total"));
  EXPECT_EQ(1, text.value("boxoffice_problems_total", {{"code", "validation_failed"}}));

  const std::map<std::string, std::string> reserve{{"operation", "reserve"}};
  EXPECT_EQ(4, text.value("boxoffice_transaction_duration_seconds_count", reserve));
  EXPECT_EQ(4, text.value("boxoffice_transaction_attempts_total", reserve));
  EXPECT_EQ(1, text.value("boxoffice_transaction_attempts_total", {{"operation", "purchase"}}));
  EXPECT_EQ(1, text.value("boxoffice_transaction_attempts_total", {{"operation", "release"}}))
      << "a sold-out event is swept before it is called sold out";
  EXPECT_EQ(0, text.sum("boxoffice_transaction_failed_attempts_total"));
}

TEST_F(Metrics, OfHoldsThatWereMadeTheTimeIsToldPartByPart) {
  const auto event = add_event(3);
  RunningServer server = serve({"--event-concurrency", "1"});
  ASSERT_EQ(201, server.client(tokens_[1]).reserve(event, 2).status());
  ASSERT_EQ(200, server.client(tokens_[1]).reserve(event).status()) << "the same hold again";
  ASSERT_EQ(409, server.client(tokens_[2]).reserve(event, 2).status());
  const MetricsText text = scrape(server);
  const std::string name = "boxoffice_reserve_time_seconds_";
  double parts = 0;
  for (const char* part :
       {"admission", "pool", "locking", "statements", "commit", "pauses", "server"}) {
    EXPECT_EQ(1, text.value(name + "count", {{"part", part}})) << part;
    parts += text.value(name + "sum", {{"part", part}});
  }
  EXPECT_GT(text.value(name + "sum", {{"part", "locking"}}), 0);
  EXPECT_GT(text.value(name + "sum", {{"part", "commit"}}), 0);
  EXPECT_LT(parts,
            text.value("boxoffice_http_request_duration_seconds_sum", {{"route", k_reserve}}));
  EXPECT_EQ(6, text.sum("boxoffice_reserve_statements_total")) << "of the one that made a hold";
  EXPECT_GE(text.sum("boxoffice_reserve_round_trips_total"), 2);
}

TEST_F(Metrics, TheServerSaysWhatItIs) {
  RunningServer server = serve({"--strategy", "atomic", "--pool", "3", "--connections", "77"});
  EXPECT_EQ(200, server.client().ask("GET", "/api/events").status());
  const MetricsText text = scrape(server);
  EXPECT_EQ(
      1, text.value("boxoffice_build_info", {{"strategy", "atomic"}, {"database", "postgresql"}}));
  EXPECT_EQ(3, text.value("boxoffice_pool_size"));
  EXPECT_EQ(0, text.value("boxoffice_pool_in_use"));
  EXPECT_EQ(0, text.value("boxoffice_queue_length"));
  EXPECT_EQ(1, text.value("boxoffice_pool_wait_seconds_count"));
  EXPECT_EQ(77, text.value("boxoffice_http_connections_max"));
  EXPECT_GE(text.value("boxoffice_http_connections"), 1) << "the scrape's own";
  EXPECT_EQ(1, text.value("boxoffice_database_up"));
  EXPECT_GT(text.value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(text.value("process_open_fds"), 5);
  for (const auto& name : text.names()) {
    if (!name.starts_with("boxoffice_")) continue;
    EXPECT_TRUE(text.labels_of(name).contains("strategy")) << name;
  }
}

TEST_F(Metrics, ASweepLeavesItsTimeAndWhatItReleased) {
  RunningServer server = serve({"--hold", "50ms", "--sweep-interval", "0s"});
  EXPECT_EQ(0, scrape(server).value("boxoffice_sweep_last_success_timestamp_seconds"));
  ASSERT_EQ(201, server.client(tokens_[1]).reserve(1, 4).status());
  ASSERT_EQ(201, server.client(tokens_[2]).reserve(1, 3).status());
  Client admin = server.client(tokens_[0]);
  std::int64_t released = 0;
  ASSERT_TRUE(eventually([&] {
    released += admin.ask("POST", "/api/admin/sweep").number("/released");
    return released == 2;
  }));
  const MetricsText text = scrape(server);
  EXPECT_EQ(2, text.value("boxoffice_expired_holds_total"));
  EXPECT_EQ(7, text.value("boxoffice_expired_tickets_total"));
  EXPECT_GE(text.value("boxoffice_sweeps_total", {{"result", "success"}}), 1);
  EXPECT_EQ(0, text.value("boxoffice_sweeps_total", {{"result", "failed"}}));
  const auto now = sql_.number("SELECT extract(epoch from now())::bigint");
  const double age =
      static_cast<double>(now) - text.value("boxoffice_sweep_last_success_timestamp_seconds");
  EXPECT_GE(age, -1);
  EXPECT_LE(age, 30);
}

TEST_F(Metrics, AScrapeNeedsNoDatabaseAndSaysWhatIsStuck) {
  const auto event = add_event(10);
  RunningServer server = serve({"--pool", "1", "--event-concurrency", "1"});
  harness::Sql blocker(url_);
  blocker.run("BEGIN");
  blocker.run(fmt::format("SELECT 1 FROM events WHERE id = {} FOR UPDATE", event));
  const auto buy = [&](std::size_t user) {
    RawClient client(server.port());
    client.send(
        fmt::format("POST /api/events/{}/reserve HTTP/1.1\r\nHost: x\r\n"
                    "Authorization: Bearer {}\r\nContent-Length: 0\r\n\r\n",
                    event, tokens_[user]));
    return client.read_reply().value_or(server::test::RawReply{}).status;
  };
  std::vector<std::jthread> buyers;
  std::atomic<int> bought = 0;
  for (const std::size_t user : {1U, 2U, 3U}) {
    buyers.emplace_back([&, user] { bought += buy(user) == 201; });
  }
  EXPECT_TRUE(eventually([&] {
    const MetricsText text = scrape(server);
    return text.value("boxoffice_pool_in_use") == 1 && text.value("boxoffice_queue_length") == 2;
  }));
  EXPECT_EQ(0, scrape(server).value("boxoffice_pool_waiting")) << "they wait for admission";
  blocker.run("COMMIT");
  buyers.clear();
  EXPECT_EQ(3, bought);
  const MetricsText after = scrape(server);
  EXPECT_EQ(3, after.value("boxoffice_admission_wait_seconds_count"));
  EXPECT_EQ(3, after.value("boxoffice_pool_wait_seconds_count"));
  EXPECT_GT(after.value("boxoffice_admission_wait_seconds_sum"), 0);
}

}  // namespace
}  // namespace boxoffice::tests
