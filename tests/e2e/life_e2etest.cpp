// The life of a reservation over real HTTP, against the real database: each step a user can take,
// each refusal, and what operators do to it (sweeps).
#include <fmt/format.h>

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

class Life : public ServerTest {
 protected:
  Reply must_reserve(Client& client, std::int64_t event, std::int64_t quantity = 1) {
    Reply reply = client.reserve(event, quantity);
    EXPECT_EQ(201, reply.status()) << reply.raw.body;
    return reply;
  }
  /// Every problem says the same things; `code` is the one that programs look at.
  void expect_problem(const Reply& reply, int status, const std::string& code) {
    EXPECT_EQ(status, reply.status()) << reply.raw.body;
    ASSERT_TRUE(reply.body.is_object()) << reply.raw.body;
    EXPECT_EQ(code, reply.text("/code"));
    EXPECT_EQ("none", reply.text("/effect"));
    EXPECT_EQ("application/problem+json", reply.header("content-type"));
    EXPECT_EQ(reply.header("x-request-id"), reply.text("/request_id"));
  }
};

TEST_F(Life, AHoldIsMadeOnceAndFound) {
  const auto event = add_event(5);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  const Reply made = must_reserve(ann, event, 2);
  const auto id = made.number("/reservation/id");
  EXPECT_EQ(fmt::format("/api/reservations/{}", id), made.header("location"));
  EXPECT_EQ(36U, made.header("x-request-id").size());
  EXPECT_EQ("1", made.header("x-transaction-attempts"));
  EXPECT_EQ("reserved", made.text("/reservation/status"));
  EXPECT_EQ(3, made.number("/event/available_tickets"));
  EXPECT_EQ(1, made.number("/event/version"));

  const Reply again = ann.reserve(event, 2);
  EXPECT_EQ(200, again.status());
  EXPECT_EQ(id, again.number("/reservation/id"));
  EXPECT_EQ(3, again.number("/event/available_tickets"));
  const Reply found = ann.ask("GET", made.header("location"));
  EXPECT_EQ(200, found.status());
  EXPECT_EQ(id, found.number("/reservation/id"));
  EXPECT_EQ("reserved",
            sql_.text(fmt::format("SELECT status FROM reservations WHERE id = {}", id)));
}

TEST_F(Life, ARequestIdNamesItsReservationForEver) {
  const auto event = add_event(5);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  const std::string header = "X-Request-Id: 3f2c8f9e-5d7a-4b8e-9a64-0c1d2e3f4a5b\r\n";
  const std::string path = fmt::format("/api/events/{}/reserve", event);
  const Reply first = ann.ask("POST", path, "", header);
  ASSERT_EQ(201, first.status());
  EXPECT_EQ("3f2c8f9e-5d7a-4b8e-9a64-0c1d2e3f4a5b", first.header("x-request-id"));
  ASSERT_EQ(200, ann.purchase(first.number("/reservation/id")).status());
  const Reply again = ann.ask("POST", path, "", header);
  EXPECT_EQ(200, again.status());
  EXPECT_EQ(first.number("/reservation/id"), again.number("/reservation/id"));
  EXPECT_EQ("purchased", again.text("/reservation/status"));
}

TEST_F(Life, APurchaseIsFinal) {
  const auto event = add_event(5);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  const auto id = must_reserve(ann, event).number("/reservation/id");
  const Reply purchased = ann.purchase(id);
  EXPECT_EQ(200, purchased.status());
  EXPECT_EQ("purchased", purchased.text("/reservation/status"));
  EXPECT_TRUE(purchased.body.at_pointer("/reservation/purchased_at").is_string());
  expect_problem(ann.purchase(id), 409, "already_purchased");
  expect_problem(ann.cancel(id), 409, "not_cancellable");
  EXPECT_EQ(
      4, ann.ask("GET", fmt::format("/api/events/{}", event)).number("/event/available_tickets"));
  EXPECT_EQ(201, ann.reserve(event).status()) << "one who bought may hold again";
}

TEST_F(Life, ACancelGivesBackOnce) {
  const auto event = add_event(5);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  const auto id = must_reserve(ann, event, 3).number("/reservation/id");
  const Reply cancelled = ann.cancel(id);
  EXPECT_EQ(200, cancelled.status());
  EXPECT_EQ("cancelled", cancelled.text("/reservation/status"));
  EXPECT_EQ(5, cancelled.number("/event/available_tickets"));
  EXPECT_EQ(2, cancelled.number("/event/version"));
  expect_problem(ann.cancel(id), 409, "not_cancellable");
  expect_problem(ann.purchase(id), 409, "already_cancelled");
  expect_nothing_oversold();
}

TEST_F(Life, AnothersReservationIsNotFound) {
  const auto event = add_event(5);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]), bob = server.client(tokens_[2]);
  const auto id = must_reserve(ann, event).number("/reservation/id");
  expect_problem(bob.ask("GET", fmt::format("/api/reservations/{}", id)), 404,
                 "reservation_not_found");
  expect_problem(bob.purchase(id), 404, "reservation_not_found");
  expect_problem(bob.cancel(id), 404, "reservation_not_found");
  EXPECT_EQ(200, ann.purchase(id).status());
}

TEST_F(Life, SoldOutSaysWhatIsLeft) {
  const auto event = add_event(3);
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]), bob = server.client(tokens_[2]);
  must_reserve(ann, event, 2);
  const Reply refused = bob.reserve(event, 2);
  expect_problem(refused, 409, "sold_out");
  EXPECT_EQ(event, refused.number("/event/id"));
  EXPECT_EQ(1, refused.number("/event/available_tickets"));
  EXPECT_EQ(1, refused.number("/event/version"));
  must_reserve(bob, event, 1);
  expect_problem(server.client(tokens_[3]).reserve(event), 409, "sold_out");
}

TEST_F(Life, AHoldThatIsOverCannotBePurchased) {
  const auto event = add_event(3);
  RunningServer server = serve({"--hold", "50ms", "--sweep-interval", "0s"});
  Client ann = server.client(tokens_[1]);
  const auto id = must_reserve(ann, event).number("/reservation/id");
  ASSERT_TRUE(eventually([&] {
    return sql_.number(fmt::format("SELECT (expires_at < clock_timestamp())::int FROM reservations"
                                   " WHERE id = {}",
                                   id)) == 1;
  }));
  expect_problem(ann.purchase(id), 410, "reservation_expired");
}

TEST_F(Life, TheSweepRunsByItself) {
  const auto event = add_event(3);
  RunningServer server = serve({"--hold", "50ms", "--sweep-interval", "20ms"});
  Client ann = server.client(tokens_[1]);
  const auto id = must_reserve(ann, event, 3).number("/reservation/id");
  EXPECT_TRUE(eventually([&] {
    return sql_.number(fmt::format("SELECT available_tickets FROM events WHERE id = {}", event)) ==
           3;
  }));
  EXPECT_EQ("expired",
            ann.ask("GET", fmt::format("/api/reservations/{}", id)).text("/reservation/status"));
  expect_nothing_oversold();
}

TEST_F(Life, AnAdministratorSweepsOnDemand) {
  const auto event = add_event(3);
  RunningServer server = serve({"--hold", "50ms", "--sweep-interval", "0s"});
  Client ann = server.client(tokens_[1]), admin = server.client(tokens_[0]);
  must_reserve(ann, event, 3);
  expect_problem(ann.ask("POST", "/api/admin/sweep"), 403, "forbidden");
  std::int64_t released = 0;
  EXPECT_TRUE(eventually([&] {
    const Reply swept = admin.ask("POST", "/api/admin/sweep");
    EXPECT_EQ(200, swept.status()) << swept.raw.body;
    return swept.status() != 200 || (released = swept.number("/released")) > 0;
  }));
  EXPECT_EQ(1, released);
  EXPECT_EQ(201, server.client(tokens_[2]).reserve(event, 3).status());
}

TEST_F(Life, ListsComeInPages) {
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  std::vector<std::int64_t> events;
  for (int i = 0; i < 5; ++i) events.push_back(add_event(9));
  for (const auto event : events) must_reserve(ann, event);
  ann.purchase(ann.ask("GET", "/api/reservations").number("/data/0/id"));

  const Reply page = ann.ask("GET", "/api/reservations?page=2&per_page=2");
  ASSERT_EQ(200, page.status()) << page.raw.body;
  EXPECT_EQ(2U, page.body.at("data").as_array().size());
  EXPECT_EQ(5, page.number("/total"));
  EXPECT_EQ(2, page.number("/page"));
  EXPECT_EQ(4, ann.ask("GET", "/api/reservations?status=reserved").number("/total"));
  EXPECT_EQ(1, ann.ask("GET", "/api/reservations?status=purchased").number("/total"));
  EXPECT_EQ(0, server.client(tokens_[2]).ask("GET", "/api/reservations").number("/total"));
  const Reply all = server.client().ask("GET", "/api/events?per_page=100");
  EXPECT_EQ(200, all.status());
  EXPECT_EQ(8, all.number("/total")) << "three were seeded";
  const Reply past_the_end = server.client().ask("GET", "/api/events?page=99");
  EXPECT_EQ(200, past_the_end.status());
  EXPECT_TRUE(past_the_end.body.at("data").as_array().empty());
}

TEST_F(Life, AnEventHasAnEntityTag) {
  const auto event = add_event(5);
  RunningServer server = serve();
  const std::string path = fmt::format("/api/events/{}", event);
  EXPECT_EQ("\"0.0\"", server.client().ask("GET", path).header("etag"));
  Client ann = server.client(tokens_[1]);
  must_reserve(ann, event);
  EXPECT_EQ("\"0.1\"", server.client().ask("GET", path).header("etag"));
}

}  // namespace
}  // namespace boxoffice::tests
