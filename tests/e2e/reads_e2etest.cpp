// Reads of the past: the cache of events and the listing from a replica. What may be old says so
// and by how much, what decides is never old, and whatever is lost on the way, somebody answers.
#include <fmt/format.h>

#include <thread>

#include "harness/database/private_mariadb.hpp"
#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

/// It says that it is of the past: by a second at least, for it rounds up, and not by more than the
/// test may have taken.
bool aged(const Reply& reply, int most_s = 30) {
  const std::string age = reply.header("age");
  return !age.empty() && std::stoi(age) >= 1 && std::stoi(age) <= most_s;
}

class EventCache : public ServerTest {
 protected:
  static std::string path(std::int64_t event) { return fmt::format("/api/events/{}", event); }
  static double requests(const RunningServer& server, const std::string& result) {
    return MetricsText(server.client().ask("GET", "/metrics").raw.body)
        .value("boxoffice_event_cache_requests_total", {{"result", result}});
  }
};

TEST_F(EventCache, IsOffUnlessItIsAskedFor) {
  const RunningServer server = serve();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ("", server.client().ask("GET", path(1)).header("age"));
    EXPECT_EQ(201, server.client(tokens_[static_cast<std::size_t>(i) + 1]).reserve(1).status());
    EXPECT_EQ(k_seeded_tickets - i - 1,
              server.client().ask("GET", path(1)).number("/event/available_tickets"));
  }
}

TEST_F(EventCache, WhatIsKeptSaysItsAgeAndDecidesNothing) {
  const auto event = add_event(1);
  const RunningServer server = serve({"--event-cache", "1m"});
  Client reader = server.client();
  const Reply fresh = reader.ask("GET", path(event));
  EXPECT_EQ("", fresh.header("age"));
  const Reply kept = reader.ask("GET", path(event));
  EXPECT_TRUE(aged(kept));
  EXPECT_EQ(fresh.raw.body, kept.raw.body);
  EXPECT_EQ(fresh.header("etag"), kept.header("etag"));
  RawClient raw(server.port());
  raw.send("HEAD " + path(event) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(kept.header("content-length"),
            raw.read_reply(true).value().headers.at("content-length"));

  ASSERT_EQ(201, server.client(tokens_[1]).reserve(event).status());
  EXPECT_EQ(1, reader.ask("GET", path(event)).number("/event/available_tickets")) << "of the past";
  const Reply refused = server.client(tokens_[2]).reserve(event);
  EXPECT_EQ("sold_out", refused.text("/code"));
  EXPECT_EQ(0, refused.number("/event/available_tickets")) << "of now";
  EXPECT_EQ("", refused.header("age"));
  EXPECT_EQ(0, server.client(tokens_[0])
                   .ask("GET", fmt::format("/api/admin/events/{}/stats", event))
                   .number("/event/available_tickets"));
  expect_nothing_oversold();
}

TEST_F(EventCache, WhoHasItAlreadyIsToldSo) {
  for (const char* time_to_live : {"0", "1m"}) {
    const RunningServer server = serve({"--event-cache", time_to_live});
    Client reader = server.client();
    const std::string tag = reader.ask("GET", path(1)).header("etag");
    for (const std::string& given : {tag, "W/" + tag, "\"0.7\", " + tag, std::string("*")}) {
      const Reply same = reader.ask("GET", path(1), {}, "If-None-Match: " + given + "\r\n");
      EXPECT_EQ(304, same.status()) << given;
      EXPECT_EQ(tag, same.header("etag"));
      EXPECT_EQ("", same.raw.body);
    }
    const Reply other = reader.ask("GET", path(1), {}, "If-None-Match: \"0.7\"\r\n");
    EXPECT_EQ(200, other.status());
    EXPECT_EQ(1, other.number("/event/id"));
  }
}

TEST_F(EventCache, AnEditHereIsSeenHereAtOnce) {
  const auto event = add_event(5);
  const RunningServer server = serve({"--event-cache", "1m"});
  Client reader = server.client(), admin = server.client(tokens_[0]);
  const std::string tag = reader.ask("GET", path(event)).header("etag");
  EXPECT_TRUE(aged(reader.ask("GET", path(event))));
  EXPECT_EQ(200, admin.ask("PATCH", path(event), R"({"name":"Encore"})").status());
  const Reply edited = reader.ask("GET", path(event), {}, "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(200, edited.status());
  EXPECT_EQ("Encore", edited.text("/event/name"));
  EXPECT_EQ("", edited.header("age"));
  EXPECT_TRUE(aged(reader.ask("GET", path(event))));
  EXPECT_EQ(412, admin.ask("DELETE", path(event), {}, "If-Match: " + tag + "\r\n").status())
      << "the precondition is the database's to judge";
  EXPECT_EQ(204, admin.ask("DELETE", path(event)).status());
  EXPECT_EQ(404, reader.ask("GET", path(event)).status());
}

TEST_F(EventCache, WhatOthersChangeIsSeenWithinItsTime) {
  const RunningServer server = serve({"--event-cache", "200ms"});
  Client reader = server.client();
  reader.ask("GET", path(1));
  sql_.run("UPDATE events SET name = 'Moved' WHERE id = 1");
  EXPECT_TRUE(
      eventually([&] { return reader.ask("GET", path(1)).text("/event/name") == "Moved"; }, 2s));
}

TEST_F(EventCache, AsManyAsAskTheDatabaseIsAskedOnce) {
  constexpr int k_crowd = 20;
  const RunningServer server = serve({"--event-cache", "1m", "--pool", "4"});
  harness::Sql blocker(url_);
  blocker.run("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
  std::vector<std::string> ages(k_crowd);
  std::vector<std::jthread> crowd;
  for (auto& age : ages) {
    crowd.emplace_back([&] {
      const Reply reply = server.client().ask("GET", path(1));
      age = reply.status() == 200 ? reply.header("age") : std::to_string(reply.status());
    });
  }
  EXPECT_TRUE(eventually([&] { return requests(server, "wait") == k_crowd - 1; }));
  EXPECT_EQ(1, requests(server, "miss"));
  EXPECT_EQ(404, server.client().ask("GET", "/api/events/x").status()) << "nobody else waits";
  blocker.run("COMMIT");
  crowd.clear();
  EXPECT_EQ(1, std::ranges::count(ages, "")) << "who read it";
  EXPECT_EQ(k_crowd, std::ranges::count_if(ages, [](const auto& age) {
              return age.size() < 2;  // seconds, and no status
            }));
}

/// A primary and a replica of it, private to the test.
class Listing : public ::testing::TestWithParam<std::string> {
 protected:
  Listing() {
    if (on_postgresql()) {
      auto primary = std::make_unique<harness::PrivatePostgresql>(options());
      replica_ = std::make_unique<harness::PrivatePostgresql>(options(), *primary);
      primary_ = std::move(primary);
    } else {
      auto primary = std::make_unique<harness::PrivateMariadb>(options());
      replica_ = std::make_unique<harness::PrivateMariadb>(options(), *primary);
      primary_ = std::move(primary);
    }
    harness::Sql(primary_->url()).run("CREATE DATABASE shop");
    prepare_database(workspace_, primary_->url("shop"));
  }

  static harness::PrivateDatabaseOptions options() {
    return {.durability = harness::Durability::relaxed,
            .storage = harness::Storage::memory,
            .connections_max = 60,
            .has_replica = true};
  }
  static bool on_postgresql() { return GetParam() == "postgresql"; }

  /// What the replica receives it applies no longer, or again.
  void hold_replay(bool held) {
    harness::Sql sql(replica_->url());
    if (on_postgresql()) {
      sql.run(held ? "SELECT pg_wal_replay_pause()" : "SELECT pg_wal_replay_resume()");
      const auto paused = [&] {
        return sql.text("SELECT pg_get_wal_replay_pause_state()") == "paused";
      };
      EXPECT_TRUE(eventually([&] { return paused() == held; }));
    } else {
      sql.run(held ? "STOP SLAVE SQL_THREAD" : "START SLAVE SQL_THREAD");
    }
  }
  void add_event() {
    harness::Sql(primary_->url("shop"))
        .run(
            "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
            " VALUES ('Late', 1, 1, CURRENT_TIMESTAMP)");
  }

  Workspace workspace_;
  std::unique_ptr<harness::PrivateDatabase> primary_, replica_;
};

INSTANTIATE_TEST_SUITE_P(Products, Listing, ::testing::Values("postgresql", "mariadb"),
                         [](const auto& test) { return test.param; });

TEST_P(Listing, ComesFromTheReplicaWhileThatIsYoungEnoughAndThere) {
  RunningServer server(workspace_, primary_->url("shop"),
                       {"--replica-database", replica_->url("shop"), "--replica-lag", "5s"});
  Client reader = server.client();
  const auto list = [&] {
    const Reply reply = reader.ask("GET", "/api/events");
    EXPECT_EQ(200, reply.status()) << reply.raw.body;
    return reply;
  };
  const auto from_replica = [&] { return !list().header("age").empty(); };
  const auto in_use = [&] {
    return MetricsText(reader.ask("GET", "/metrics").raw.body).value("boxoffice_replica_in_use");
  };
  ASSERT_TRUE(eventually(from_replica)) << server.program().err();
  EXPECT_TRUE(aged(list(), 5)) << "within the bound";
  EXPECT_EQ(3, list().number("/total"));
  EXPECT_EQ(1, in_use());
  EXPECT_EQ("", reader.ask("GET", "/api/events/1").header("age")) << "only listings are read there";

  hold_replay(true);
  add_event();
  const Reply old = list();
  EXPECT_NE("", old.header("age"));
  EXPECT_EQ(3, old.number("/total")) << "within the bound";
  Reply current;
  EXPECT_TRUE(eventually([&] { return (current = list()).header("age").empty(); }, 15s));
  EXPECT_EQ(4, current.number("/total")) << "beyond it the primary is asked";
  EXPECT_EQ(0, in_use());
  hold_replay(false);
  ASSERT_TRUE(eventually(from_replica));
  EXPECT_EQ(4, list().number("/total"));

  replica_->kill();
  EXPECT_EQ("", list().header("age")) << "the very first that meets nobody is answered";
  EXPECT_FALSE(from_replica());
  replica_->restart();
  EXPECT_TRUE(eventually(from_replica)) << server.program().err();
  const std::string log = server.program().err();
  const auto said = [&](const std::string& message) {
    std::size_t times = 0;
    for (std::size_t at = 0; (at = log.find('"' + message + '"', at)) != std::string::npos; ++at)
      ++times;
    return times;
  };
  EXPECT_GE(said("Replica in use"), 3U) << log;
  EXPECT_GE(said("Replica not in use"), 2U) << log;
  EXPECT_EQ(said("Replica in use"), said("Replica not in use") + 1) << log;
  const MetricsText metrics(reader.ask("GET", "/metrics").raw.body);
  EXPECT_GE(metrics.value("boxoffice_replica_listings_total", {{"from", "replica"}}), 6);
  EXPECT_GE(metrics.value("boxoffice_replica_listings_total", {{"from", "primary"}}), 3);
  EXPECT_LE(metrics.value("boxoffice_replica_lag_seconds"), 5);
}

TEST(ListingWithout, AReplicaThatWasNeverThereDelaysNothing) {
  const Workspace workspace;
  auto& postgresql = shared_postgresql();
  const std::string url = postgresql.url("without_replica");
  harness::Sql(postgresql.url()).run("CREATE DATABASE without_replica");
  prepare_database(workspace, url);
  // Nobody listens there; and a server that is no replica at all is none.
  for (const std::string& replica : {std::string("postgresql://u@127.0.0.1:1/x"), url}) {
    RunningServer server(workspace, url, {"--replica-database", replica});
    EXPECT_TRUE(eventually([&] {
      return server.program().err().find("\"Replica not in use\"") != std::string::npos;
    }));
    const Reply listed = server.client().ask("GET", "/api/events");
    EXPECT_EQ(200, listed.status());
    EXPECT_EQ("", listed.header("age"));
  }
}

}  // namespace
}  // namespace boxoffice::tests
