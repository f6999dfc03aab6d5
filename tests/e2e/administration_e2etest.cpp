// The catalogue's administration and idempotency keys over HTTP, on a real database.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class Administration : public ServerTest {
 protected:
  static std::string key(const std::string& key) { return "Idempotency-Key: " + key + "\r\n"; }
};

TEST_F(Administration, AnEventsLife) {
  RunningServer server = serve();
  Client admin = server.client(tokens_[0]);
  const Reply made = admin.ask("POST", "/api/events",
                               R"({"name":"Aida","total_tickets":10,"price":"25.5",)"
                               R"("event_date":"2030-01-01T20:00:00+01:00","category":"opera"})");
  ASSERT_EQ(201, made.status()) << made.raw.body;
  const std::string path = made.header("location");
  EXPECT_EQ(fmt::format("/api/events/{}", made.number("/event/id")), path);
  EXPECT_EQ("\"0.0\"", made.header("etag"));
  EXPECT_EQ("25.50", made.text("/event/price"));
  EXPECT_EQ("2030-01-01T19:00:00.000000Z", made.text("/event/event_date"));

  const std::string seen = "If-Match: " + made.header("etag") + "\r\n";
  const Reply edited = admin.ask("PATCH", path, R"({"name":"Aida II","total_tickets":12})", seen);
  ASSERT_EQ(200, edited.status()) << edited.raw.body;
  EXPECT_EQ(12, edited.number("/event/available_tickets"));
  EXPECT_EQ("\"1.1\"", edited.header("etag"));
  EXPECT_EQ(412, admin.ask("PATCH", path, R"({"name":"Carmen"})", seen).status());

  ASSERT_EQ(201, server.client(tokens_[1]).reserve(made.number("/event/id"), 5).status());
  const Reply below = admin.ask("PATCH", path, R"({"total_tickets":4})");
  EXPECT_EQ("capacity_below_committed", below.text("/code"));
  EXPECT_EQ("event_has_reservations", admin.ask("DELETE", path).text("/code"));
  const Reply stats =
      admin.ask("GET", fmt::format("/api/admin/events/{}/stats", made.number("/event/id")));
  EXPECT_EQ(5, stats.number("/reserved/tickets"));
  EXPECT_EQ(7, stats.number("/event/available_tickets"));
  const Reply found = server.client().ask("GET", "/api/events?q=aida&category=opera");
  EXPECT_EQ(1, found.number("/total"));
}

// What is stored for a repeat is stored in the transaction that makes the event.
TEST_F(Administration, AnEventThatWasRolledBackIsPointedAtByNoHeader) {
  RunningServer server = serve();
  sql_.run(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN RAISE EXCEPTION ''no reply is kept''; END';"
      "CREATE TRIGGER refuse BEFORE UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION"
      " refuse()");
  const std::int64_t events = sql_.number("SELECT count(*) FROM events");
  const Reply failed =
      server.client(tokens_[0])
          .ask("POST", "/api/events",
               R"({"name":"Aida","total_tickets":10,"event_date":"2030-01-01T20:00:00Z"})",
               key("opera"));
  EXPECT_EQ(500, failed.status());
  EXPECT_EQ("", failed.header("location"));
  EXPECT_EQ("", failed.header("etag"));
  EXPECT_EQ(events, sql_.number("SELECT count(*) FROM events"));
}

// What was sent to protect an edit or a repeat must not be taken for nothing.
TEST_F(Administration, AProtectingHeaderThatIsEmptyOrDoubleIsRefused) {
  RunningServer server = serve();
  Client admin = server.client(tokens_[0]), ann = server.client(tokens_[1]);
  const std::string event = R"({"name":"Carmen"})";
  for (const std::string header :
       {"If-Match:\r\n", "If-Match: \r\n", "If-Match: \"0.0\"\r\nIf-Match: \"9.9\"\r\n"}) {
    EXPECT_EQ(412, admin.ask("PATCH", "/api/events/2", event, header).status()) << header;
    EXPECT_EQ(412, admin.ask("DELETE", "/api/events/2", "", header).status()) << header;
  }
  for (const std::string& header :
       {std::string("Idempotency-Key:\r\n"), key(" "), key("a") + key("b")}) {
    EXPECT_EQ(422, ann.ask("POST", "/api/events/1/reserve", "", header).status()) << header;
  }
  EXPECT_EQ(0, sql_.number("SELECT count(*) FROM reservations"));
  EXPECT_EQ(200, admin.ask("PATCH", "/api/events/2", event, "If-Match: *\r\n").status());
}

TEST_F(Administration, AnEventWithoutReservationsIsDeleted) {
  RunningServer server = serve();
  Client admin = server.client(tokens_[0]);
  EXPECT_EQ(204, admin.ask("DELETE", "/api/events/3").status());
  EXPECT_EQ(404, admin.ask("GET", "/api/events/3").status());
  EXPECT_EQ(404, admin.ask("DELETE", "/api/events/3").status()) << "the connection is in step";
}

TEST_F(Administration, IsForAdministratorsOnly) {
  RunningServer server = serve();
  Client user = server.client(tokens_[1]);
  EXPECT_EQ(403, user.ask("POST", "/api/events", "{}").status()) << "before what is wrong in it";
  EXPECT_EQ(403, user.ask("PATCH", "/api/events/1", "{}").status());
  EXPECT_EQ(403, user.ask("DELETE", "/api/events/1").status());
  EXPECT_EQ(403, user.ask("GET", "/api/admin/events/1/stats").status());
  EXPECT_EQ(403, user.ask("GET", "/api/admin/invariants").status());
  EXPECT_EQ(3, sql_.number("SELECT count(*) FROM events"));
}

TEST_F(Administration, InvariantsSayWhatDoesNotAddUp) {
  RunningServer server = serve();
  Client admin = server.client(tokens_[0]);
  EXPECT_TRUE(admin.ask("GET", "/api/admin/invariants").body.at("hold").as_bool());
  sql_.run("UPDATE events SET available_tickets = available_tickets - 1 WHERE id = 2");
  const Reply broken = admin.ask("GET", "/api/admin/invariants");
  EXPECT_FALSE(broken.body.at("hold").as_bool());
  EXPECT_EQ(2, broken.number("/broken/0/event_id"));
}

TEST_F(Administration, AKeyedRequestIsDoneOnce) {
  RunningServer server = serve();
  Client buyer = server.client(tokens_[1]);
  const Reply first = buyer.ask("POST", "/api/events/1/reserve", R"({"quantity":2})", key("a"));
  ASSERT_EQ(201, first.status()) << first.raw.body;
  const auto hold = first.number("/reservation/id");
  const std::string path = fmt::format("/api/reservations/{}", hold);
  EXPECT_EQ(200, buyer.ask("POST", path + "/purchase", "", key("b")).status());
  EXPECT_EQ(409, buyer.ask("POST", path + "/purchase").status()) << "without a key: purchased";
  const Reply again = buyer.ask("POST", path + "/purchase", "", key("b"));
  EXPECT_EQ(200, again.status());
  EXPECT_EQ("true", again.header("idempotent-replayed"));
  const Reply replayed = buyer.ask("POST", "/api/events/1/reserve", R"({"quantity":2})", key("a"));
  EXPECT_EQ(201, replayed.status());
  EXPECT_EQ(first.raw.body, replayed.raw.body);
  EXPECT_EQ(first.header("location"), replayed.header("location"));
  const Reply other = buyer.ask("POST", "/api/events/1/reserve", R"({"quantity":3})", key("a"));
  EXPECT_EQ(422, other.status());
  EXPECT_EQ("idempotency_key_reused", other.text("/code"));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
  EXPECT_EQ(201, server.client(tokens_[2])
                     .ask("POST", "/api/events/1/reserve", R"({"quantity":3})", key("a"))
                     .status())
      << "another user's keys";
}

// Whether the sweep has forgotten the key meanwhile or not.
TEST_F(Administration, ADayLaterAKeyedRequestIsANewOne) {
  RunningServer server = serve({"--sweep-interval", "0s"});
  Client buyer = server.client(tokens_[1]);
  std::set<std::int64_t> made;
  for (const char* const day_passes :
       {"UPDATE idempotency_keys SET created_at = now() - interval '25 hours'",
        "DELETE FROM idempotency_keys", "SELECT 1"}) {
    const Reply reply = buyer.ask("POST", "/api/events/1/reserve", "", key("a"));
    ASSERT_EQ(201, reply.status()) << reply.raw.body;
    made.insert(reply.number("/reservation/id"));
    ASSERT_EQ(200, buyer.purchase(reply.number("/reservation/id")).status());
    sql_.run(day_passes);
  }
  EXPECT_EQ(3U, made.size());
}

// Where a reply cannot be kept the event is not made either: a second run would not find it.
TEST_F(Administration, AKeyedEventIsMadeWithItsReplyOrNotAtAll) {
  RunningServer server = serve();
  Client admin = server.client(tokens_[0]);
  const std::int64_t before = sql_.number("SELECT count(*) FROM events");
  const auto create = [&] {
    return admin.ask("POST", "/api/events",
                     R"({"name":"Opera","total_tickets":5,"event_date":"2030-01-01T20:00:00Z"})",
                     key("opera-1"));
  };
  sql_.run(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " RAISE EXCEPTION 'not kept'; END $$;"
      "CREATE TRIGGER refuses BEFORE UPDATE ON idempotency_keys EXECUTE FUNCTION refuse()");
  EXPECT_EQ(500, create().status());
  EXPECT_EQ(before, sql_.number("SELECT count(*) FROM events"));
  sql_.run("DROP TRIGGER refuses ON idempotency_keys");
  const Reply made = create();
  ASSERT_EQ(201, made.status()) << made.raw.body;
  sql_.run("UPDATE idempotency_keys SET created_at = now() - interval '61 seconds'");
  const Reply again = create();
  EXPECT_EQ("true", again.header("idempotent-replayed")) << again.raw.body;
  EXPECT_EQ(made.header("location"), again.header("location"));
  EXPECT_EQ(made.header("etag"), again.header("etag"));
  EXPECT_EQ(made.raw.body, again.raw.body);
  EXPECT_EQ(before + 1, sql_.number("SELECT count(*) FROM events"));
}

TEST_F(Administration, ARefusalIsRememberedToo) {
  const auto event = add_event(1);
  RunningServer server = serve();
  const std::string path = fmt::format("/api/events/{}/reserve", event);
  Client buyer = server.client(tokens_[1]);
  const auto hold = server.client(tokens_[2]).reserve(event).number("/reservation/id");
  EXPECT_EQ("sold_out", buyer.ask("POST", path, "", key("a")).text("/code"));
  ASSERT_EQ(200, server.client(tokens_[2]).cancel(hold).status());
  const Reply again = buyer.ask("POST", path, "", key("a"));
  EXPECT_EQ("sold_out", again.text("/code")) << "the same request has the same reply";
  EXPECT_EQ("application/problem+json", again.header("content-type"));
  const auto expect_attempts = [&](double sold_out, double successes, double replays) {
    const MetricsText text(server.client().ask("GET", "/metrics").raw.body);
    const auto attempts = [&](const char* outcome) {
      return text.value("boxoffice_reservation_attempts_total", {{"outcome", outcome}});
    };
    EXPECT_EQ(sold_out, attempts("sold_out"));
    EXPECT_EQ(successes, attempts("success"));
    EXPECT_EQ(replays, attempts("replayed"));
    EXPECT_EQ(successes, text.value("boxoffice_reserve_time_seconds_count", {{"part", "commit"}}));
  };
  expect_attempts(1, 1, 1);  // the other's hold, and what was told twice
  EXPECT_EQ(201, buyer.ask("POST", path, "", key("b")).status());
  EXPECT_EQ(201, buyer.ask("POST", path, "", key("b")).status());
  expect_attempts(1, 2, 2);
  EXPECT_THAT(server.program().err(), HasSubstr(R"("outcome":"replayed")"));
  const auto figures = server.client().ask("GET", "/dashboard.json");
  EXPECT_EQ(2, figures.number("/attempts/held"));
  EXPECT_EQ(0, figures.number("/attempts/held_before"));
  EXPECT_EQ(1, figures.number("/attempts/sold_out"));
}

TEST_F(Administration, AKeyOfTheWrongFormIsToldToWhoIsKnownOnly) {
  RunningServer server = serve();
  const auto ask = [&](const std::string& token) {
    return server.client(token).ask("POST", "/api/events/1/reserve", "", key("a b"));
  };
  EXPECT_EQ(401, ask("1|guess").status());
  const Reply refused = ask(tokens_[1]);
  EXPECT_EQ(422, refused.status());
  EXPECT_THAT(refused.raw.body, HasSubstr("Idempotency-Key"));
  EXPECT_EQ(0, sql_.number("SELECT count(*) FROM reservations"));
}

TEST_F(Administration, ManyWithOneKeyMakeOneReservation) {
  RunningServer server = serve();
  std::atomic<int> made = 0, waiting = 0, others = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        const int status = server.client(tokens_[1])
                               .ask("POST", "/api/events/1/reserve", "", key("same"))
                               .status();
        ++(status == 201 ? made : status == 409 ? waiting : others);
      });
    }
  }
  EXPECT_GE(made, 1);
  EXPECT_EQ(0, others);
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
}

// The server died between its work and the remembering: whoever asks again is not sold a second
// one.
TEST_F(Administration, AClaimOfADeadServerIsTakenOverWithoutASecondReservation) {
  RunningServer server = serve();
  Client buyer = server.client(tokens_[1]);
  const Reply first = buyer.ask("POST", "/api/events/1/reserve", "", key("a"));
  ASSERT_EQ(201, first.status());
  sql_.run("UPDATE idempotency_keys SET status = NULL, reply = '', headers = ''");
  EXPECT_EQ("request_in_progress",
            buyer.ask("POST", "/api/events/1/reserve", "", key("a")).text("/code"));
  sql_.run("UPDATE idempotency_keys SET created_at = now() - interval '61 seconds'");
  const auto hold = first.number("/reservation/id");
  ASSERT_EQ(200, buyer.purchase(hold).status()) << "so that it is no active hold any more";
  const Reply again = buyer.ask("POST", "/api/events/1/reserve", "", key("a"));
  EXPECT_EQ(200, again.status()) << again.raw.body;
  EXPECT_EQ(hold, again.number("/reservation/id"));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
}

}  // namespace
}  // namespace boxoffice::tests
