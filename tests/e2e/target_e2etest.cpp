// verify --target: the same verdict about a server that the harness did not start, with and without
// its database; and what the flags lack is said before anything is sent.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <set>

#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::AnyOf;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Target : public ServerTest {
 protected:
  /// Few enough for four clients to meet the end of them, again and again.
  static constexpr std::int64_t k_few = 6;

  void write_tokens() {
    std::ofstream tokens(workspace_.path() / "tokens");
    for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
  }
  Ran verify(const RunningServer& server, const std::vector<std::string>& more,
             const std::string& time = "800ms") {
    write_tokens();
    std::vector<std::string> arguments = {
        "verify", "--target", fmt::format("http://127.0.0.1:{}", server.port()),
        "--time", time,       "-c",
        "4",      "--seed",   "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(workspace_, "boxoffice", arguments);
  }
  static std::set<std::string> request_ids_of(const std::filesystem::path& run) {
    std::ifstream history(run / "trials" / "001-target" / "history.jsonl");
    std::set<std::string> ids;
    const std::string key = "\"request_id\":\"";
    for (std::string line; std::getline(history, line);) {
      const auto at = line.find(key);
      if (at != std::string::npos) ids.insert(line.substr(at + key.size(), 36));
    }
    return ids;
  }
  RunningServer naive() {
    return RunningServer(workspace_, url_,
                         {"--strategy", "naive", "--event-concurrency", "unlimited"},
                         "boxoffice-server-broken");
  }
};

TEST_F(Target, ASoundServerPassesWithItsDatabase) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(k_few));
  const Ran ran =
      verify(server, {"--events", event, "--tokens", "tokens", "--audit-database", url_});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("PASS: http://127.0.0.1:"));
  EXPECT_THAT(ran.out, Not(HasSubstr("clients' view only")));
  expect_nothing_oversold();
}

// Its reads are of a time before the load, nearly all of them: they accuse nobody. The last ones,
// of the audit, wait until they are of now.
TEST_F(Target, AServerThatShowsEventsFromACachePassesToo) {
  RunningServer server = serve({"--event-cache", "2s"});
  const auto event = std::to_string(add_event(k_few));
  const Ran ran =
      verify(server, {"--events", event, "--tokens", "tokens", "--audit-database", url_});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  const auto runs = workspace_.path() / "runs";
  const std::string trial = runs / entries_of(runs).at(0) / "trials" / "001-target";
  EXPECT_THAT(text_of(trial + "/history.jsonl"), HasSubstr("aged_reply"));
  EXPECT_THAT(text_of(trial + "/audit.jsonl"), HasSubstr("get_available"));
}

TEST_F(Target, WithoutItsDatabaseTheVerdictIsTheClientsViewAndSaysSo) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(k_few));
  const Ran ran = verify(server, {"--events", event, "--tokens", "tokens"});
  EXPECT_EQ(0, ran.code) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("the clients' view only (--audit-database for more)"));
  EXPECT_THAT(ran.out, HasSubstr("not attempted: expiry: no hold is known to have ended"));
}

// What decides only once tickets are few never decided anything where they were many.
TEST_F(Target, AGuardThatNothingCameNearIsNoPass) {
  for (const char* bug : {"clamps_at_zero", "unguarded_update"}) {
    RunningServer server(workspace_, url_, {"--strategy", bug}, "boxoffice-server-broken");
    const auto many = std::to_string(add_event(1'000'000));
    const Ran unmet = verify(server, {"--events", many, "--tokens", "tokens"});
    EXPECT_EQ(12, unmet.code) << bug << unmet.out << unmet.err;
    EXPECT_THAT(unmet.out, HasSubstr("nothing was ever sold out"));
    const auto few = std::to_string(add_event(k_few));
    const Ran met = verify(server, {"--events", few, "--tokens", "tokens"}, "2s");
    EXPECT_EQ(10, met.code) << bug << met.out << met.err;
  }
}

// What they bought in the first measurement they hold in the second one, too.
TEST_F(Target, ASearchPassesFromItsUsersToTheNextOnes) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(1'000'000));
  write_tokens();
  const Ran ran =
      run_program(workspace_, "boxoffice", {"search",
                                            "-L",
                                            "p50<5s",
                                            "--target",
                                            fmt::format("http://127.0.0.1:{}", server.port()),
                                            "--tokens",
                                            "tokens",
                                            "--events",
                                            event,
                                            "--from",
                                            "50",
                                            "--to",
                                            "100",
                                            "--repeats",
                                            "1",
                                            "-c",
                                            "4",
                                            "-d",
                                            "100ms",
                                            "-w",
                                            "0s",
                                            "--errors",
                                            "<50%",
                                            "--seed",
                                            "1"});
  EXPECT_THAT(ran.out, Not(HasSubstr("holds that the users had already"))) << ran.err;
  const auto run = workspace_.path() / "runs" / entries_of(workspace_.path() / "runs").at(0);
  const std::size_t measurements =
      json_of(run / "search.json").at("measurements").as_array().size();
  // On a busy machine the generator may be late in the first one, which ends the search (12).
  EXPECT_THAT(ran.code, AnyOf(0, 12)) << ran.out << ran.err;
  EXPECT_TRUE(ran.code != 0 || measurements == 2) << ran.out << ran.err;
}

// Whoever reads may have read enough; a pipeline goes by the code.
TEST_F(Target, TheCodeIsTheVerdictsAlsoWhereNobodyReadsWhatIsPrinted) {
  RunningServer server = naive();
  const auto event = std::to_string(add_event(1'000'000));
  write_tokens();
  const std::string command = fmt::format(
      "'{}' verify --target http://127.0.0.1:{} --tokens tokens --events {} --time 800ms -c 4 "
      "--seed 1 2>&1 | true; exit ${{PIPESTATUS[0]}}",
      built_program("boxoffice").string(), server.port(), event);
  EXPECT_EQ(10, run_program(workspace_, "/bin/bash", {"-c", command}).code);
}

TEST_F(Target, ABrokenServerIsCaughtEitherWay) {
  RunningServer server = naive();
  const auto event = std::to_string(add_event(1'000'000));
  const Ran alone = verify(server, {"--events", event, "--tokens", "tokens"});
  EXPECT_EQ(10, alone.code) << alone.out << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("boxoffice verify --target"));
  EXPECT_THAT(alone.out, HasSubstr("--seed 1 --time 800ms -c 4"));
  const auto another = std::to_string(add_event(1'000'000));
  EXPECT_EQ(
      10,
      verify(server, {"--events", another, "--tokens", "tokens", "--audit-database", url_}).code);
}

// Holds that end earlier than it is told would be violations of a server that does what it says.
TEST_F(Target, AHoldThatIsNotTheServersMakesTheRunInvalid) {
  RunningServer server = serve({"--hold", "500ms", "--sweep-interval", "50ms"});
  for (const std::string& database : {std::string(), url_}) {
    const auto event = std::to_string(add_event(3));
    std::vector<std::string> flags = {"--events", event, "--tokens", "tokens"};
    if (!database.empty()) flags.insert(flags.end(), {"--audit-database", database});
    const Ran ran = verify(server, flags, "2s");
    EXPECT_EQ(12, ran.code) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("and --hold says 300s"));
  }
}

// Its own team goes on working: that is no violation, and no pass either.
TEST_F(Target, AnEditorWhoChangesTheCapacityMeanwhileMakesTheRunInvalid) {
  RunningServer server = serve();
  for (const std::string& database : {std::string(), url_}) {
    const auto event = std::to_string(add_event(1'000'000));
    std::vector<std::string> flags = {"--events", event, "--tokens", "tokens"};
    if (!database.empty()) flags.insert(flags.end(), {"--audit-database", database});
    auto verified = std::async(std::launch::async, [&] { return verify(server, flags); });
    harness::Sql sql(url_);
    EXPECT_TRUE(eventually(
        [&] { return sql.number("SELECT version FROM events WHERE id = " + event) > 0; }));
    Client admin = server.client(tokens_[0]);
    EXPECT_EQ(200,
              admin.ask("PATCH", "/api/events/" + event, R"({"total_tickets":2000000})").status());
    const Ran ran = verified.get();
    EXPECT_EQ(12, ran.code) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("somebody changed the capacity of event " + event));
  }
}

// The command that replays a run has its seed: its requests must be new ones all the same.
TEST_F(Target, ASeedCanBeUsedAgainAgainstTheSameDatabase) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(k_few));
  std::vector<std::set<std::string>> runs;
  for (int i = 0; i < 2; ++i) {
    const Ran ran =
        verify(server, {"--events", event, "--tokens", "tokens", "--audit-database", url_});
    EXPECT_EQ(0, ran.code) << ran.out << ran.err;
    const auto run = workspace_.path() / "runs" / entries_of(workspace_.path() / "runs").at(0);
    runs.push_back(request_ids_of(run));
    EXPECT_THAT(runs.back(), SizeIs(Gt(10U)));
    std::filesystem::remove_all(run);
  }
  std::vector<std::string> both;
  std::ranges::set_intersection(runs[0], runs[1], std::back_inserter(both));
  EXPECT_THAT(both, IsEmpty());
}

TEST_F(Target, WhatIsMissingIsSaidFirst) {
  RunningServer server = serve();
  const auto refused = [&](const std::vector<std::string>& flags, const std::string& about) {
    const Ran ran = verify(server, flags);
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(about));
    EXPECT_TRUE(entries_of(workspace_.path() / "runs").empty());
  };
  refused({"--events", "1"}, "--tokens");
  refused({"--tokens", "tokens"}, "events");
  refused({"--tokens", "tokens", "--events", "999999"}, "999999");
  refused({"--tokens", "tokens", "--events", "1", "--audit-database", "postgresql://127.0.0.1:1/x"},
          "--audit-database");
  refused({"--tokens", "tokens", "--events", "1", "--faults", "kill-server"}, "--faults");
  for (const char* flag : {"--strategy", "--scenarios", "--pool", "--database"})
    refused({"--tokens", "tokens", "--events", "1", flag, "1"},
            std::string(flag) + ": of a server");
}

// It would see no transaction whatever is open, and the tickets would be bought before that is
// said.
TEST_F(Target, AnAccountThatDoesNotSeeOtherSessionsIsRefusedBeforeTheLoad) {
  RunningServer server = serve();
  const auto event = std::to_string(add_event(k_few));
  harness::Sql admin(url_);
  admin.run(
      "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;"
      "GRANT SELECT ON events, reservations TO reader");
  std::string reader = url_;
  reader.replace(reader.find("postgres@"), 8, "reader");
  const std::vector<std::string> flags = {"--events",         event, "--tokens", "tokens",
                                          "--audit-database", reader};
  EXPECT_TRUE(
      eventually([&] { return server.client().ask("GET", "/api/events").status() == 200; }));
  const Ran blind = verify(server, flags);
  EXPECT_EQ(64, blind.code) << blind.out << blind.err;
  EXPECT_EQ(1U, count_lines(blind.err)) << blind.err;
  EXPECT_THAT(blind.err, HasSubstr("GRANT pg_read_all_stats TO reader"));
  EXPECT_EQ(0, admin.number("SELECT count(*) FROM reservations WHERE event_id = " + event));
  EXPECT_TRUE(entries_of(workspace_.path() / "runs").empty());
  admin.run("GRANT pg_read_all_stats TO reader");
  const Ran seeing = verify(server, flags);
  EXPECT_EQ(0, seeing.code) << seeing.out << seeing.err;
  admin.run("REVOKE SELECT ON events, reservations FROM reader; DROP ROLE reader");
}

// Our own API, as one would map it who does not know of versions.
constexpr const char* k_without_versions = R"(
authorization = "Authorization: Bearer {token}"
request_id = "X-Request-Id"
code = "code"
[reserve]
method = "POST"
path = "/api/events/{event_id}/reserve"
body = { quantity = "{quantity}" }
[reserve.reply]
reservation_id = "reservation.id"
quantity = "reservation.quantity"
available = "event.available_tickets"
[reserve.outcomes]
created = 201
existing = 200
sold_out = { status = 409, code = "sold_out" }
[cancel]
method = "DELETE"
path = "/api/reservations/{reservation_id}"
[cancel.outcomes]
cancelled = 200
ended = { status = 409, code = "not_cancellable" }
not_found = 404
[read]
method = "GET"
path = "/api/events/{event_id}"
[read.reply]
available = "event.available_tickets"
total_tickets = "event.total_tickets"
[read.outcomes]
found = 200
)";

// Each row of before would be one that nobody asked for.
TEST_F(Target, WithoutVersionsItsDatabaseIsOnlyAuditedWhereItHasNoOlderRows) {
  RunningServer server = serve();
  const auto adapter = workspace_.path() / "adapter.toml";
  std::ofstream(adapter) << k_without_versions;
  const auto event = std::to_string(add_event(k_few));
  const std::vector<std::string> flags = {"--events",         event,       "--tokens",
                                          "tokens",           "--adapter", adapter.string(),
                                          "--audit-database", url_};
  const Ran first = verify(server, flags);
  EXPECT_EQ(0, first.code) << first.out << first.err;
  std::filesystem::remove_all(workspace_.path() / "runs");
  const Ran again = verify(server, flags);
  EXPECT_EQ(64, again.code) << again.out << again.err;
  EXPECT_THAT(again.err, HasSubstr("nobody can tell them from the run's"));
  EXPECT_TRUE(entries_of(workspace_.path() / "runs").empty());
}

// Each reserve would be recorded with an id that was never sent, and its row have another one.
TEST_F(Target, AnAuditWantsAnAdapterThatSendsRequestIds) {
  RunningServer server = serve();
  const auto adapter = workspace_.path() / "adapter.toml";
  std::string text = k_without_versions;
  const std::string header = "request_id = \"X-Request-Id\"\n";
  text.erase(text.find(header), header.size());
  std::ofstream(adapter) << text;
  const auto event = std::to_string(add_event(k_few));
  std::vector<std::string> flags = {"--events", event,       "--tokens",
                                    "tokens",   "--adapter", adapter.string()};
  const Ran alone = verify(server, flags);
  EXPECT_EQ(0, alone.code) << alone.out << alone.err;
  std::filesystem::remove_all(workspace_.path() / "runs");
  flags.insert(flags.end(), {"--audit-database", url_});
  const Ran audited = verify(server, flags);
  EXPECT_EQ(64, audited.code) << audited.out << audited.err;
  EXPECT_EQ(1U, count_lines(audited.err)) << audited.err;
  EXPECT_THAT(audited.err, HasSubstr("its header (request_id), or {request_id} in the path"));
}

// Otherwise a private server would be judged, and the user believe that it was theirs.
TEST_F(Target, ItsFlagsWithoutItAreRefused) {
  for (const char* flag : {"--tokens", "--events", "--audit-database", "--rate", "--connections"}) {
    const Ran ran = run_program(workspace_, "boxoffice", {"verify", flag, "1"});
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr(std::string(flag) + ": only with --target"));
  }
  const Ran ran = run_program(workspace_, "boxoffice", {"verify", "--hold", "1s"});
  EXPECT_EQ(64, ran.code) << ran.out;
}

}  // namespace
}  // namespace boxoffice::tests
