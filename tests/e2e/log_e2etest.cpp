// What a server's log says of a request, and that it is found again by the ids that the caller has.
#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

const std::string k_trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string k_traceparent = "traceparent: 00-" + k_trace + "-00f067aa0ba902b7-01\r\n";

class Log : public ServerTest {
 protected:
  RunningServer serve_with_log(std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--log-file", file_.string()});
    return serve(flags);
  }
  Reply reserve(RunningServer& server, std::size_t user, const std::string& header) {
    return server.client(tokens_[user]).ask("POST", "/api/events/1/reserve", "", header);
  }
  /// Ends the server, so that all is written; its lines with this message.
  std::vector<boost::json::object> lines(RunningServer& server, const std::string& message) {
    server.program().process().signal(SIGTERM);
    EXPECT_EQ(0, server.program().wait(15s).code);
    std::vector<boost::json::object> found;
    std::ifstream file(file_);
    for (std::string line; std::getline(file, line);) {
      auto parsed = boost::json::parse(line).as_object();
      if (parsed.at("message").as_string() == message) found.push_back(std::move(parsed));
    }
    return found;
  }

  const std::filesystem::path file_ = workspace_.path() / "server.log";
};

TEST_F(Log, AReservationAttemptHasTheTraceThatItsCallerGave) {
  RunningServer server = serve_with_log();
  EXPECT_EQ(201, reserve(server, 1, k_traceparent).status());
  EXPECT_EQ(201, reserve(server, 2, "traceparent: 00-" + k_trace + "\r\n").status());
  EXPECT_EQ(201, reserve(server, 3, k_traceparent + k_traceparent).status());
  EXPECT_EQ(201, reserve(server, 4, "").status());
  const auto attempts = lines(server, "Reservation attempt");
  ASSERT_EQ(4U, attempts.size());
  EXPECT_EQ(k_trace, attempts[0].at("trace_id").as_string());
  EXPECT_EQ("success", attempts[0].at("outcome").as_string());
  EXPECT_EQ(36U, attempts[0].at("request_id").as_string().size());
  EXPECT_EQ(1, attempts[0].at("event_id").as_int64());
  EXPECT_EQ(2, attempts[0].at("user_id").as_int64());
  EXPECT_EQ(k_seeded_tickets - 1, attempts[0].at("available_tickets").as_int64());
  EXPECT_EQ(1, attempts[0].at("attempts").as_int64());
  EXPECT_GT(attempts[0].at("duration_ms").to_number<double>(), 0);
  for (const std::size_t without : {1U, 2U, 3U}) {
    EXPECT_FALSE(attempts[without].contains("trace_id")) << without;
  }
}

TEST_F(Log, ATransactionThatWaitsLongerThanAllowedIsASlowOne) {
  RunningServer server = serve_with_log({"--slow-transaction", "50ms"});
  EXPECT_EQ(201, reserve(server, 1, "").status());
  harness::Sql blocker(url_);
  blocker.run("BEGIN");
  blocker.run("SELECT 1 FROM events WHERE id = 1 FOR UPDATE");
  std::jthread buyer([&] { EXPECT_EQ(201, reserve(server, 2, k_traceparent).status()); });
  EXPECT_TRUE(eventually([&] {
    return sql_.number(
               "SELECT count(*) FROM pg_locks WHERE NOT granted"
               " AND clock_timestamp() - waitstart > interval '60 ms'") > 0;
  }));
  blocker.run("COMMIT");
  buyer.join();
  const auto slow = lines(server, "Slow transaction");
  ASSERT_FALSE(slow.empty());
  const auto& line = slow.back();
  EXPECT_EQ("warn", line.at("level").as_string());
  EXPECT_EQ("/api/events/1/reserve", line.at("path").as_string());
  EXPECT_GE(line.at("duration_ms").to_number<double>(), 50);
  EXPECT_EQ(1, line.at("attempts").as_int64());
  EXPECT_EQ("success", line.at("outcome").as_string());
  EXPECT_EQ(k_trace, line.at("trace_id").as_string());
}

TEST_F(Log, NoTransactionIsSlowWhereThatIsTurnedOff) {
  RunningServer server = serve_with_log({"--slow-transaction", "0"});
  EXPECT_EQ(201, reserve(server, 1, "").status());
  EXPECT_TRUE(lines(server, "Slow transaction").empty());
}

TEST_F(Log, AFileThatWasMovedIsMadeAnewAtSighup) {
  RunningServer server = serve_with_log();
  EXPECT_EQ(201, reserve(server, 1, "").status());
  const auto moved = workspace_.path() / "server.log.1";
  std::filesystem::rename(file_, moved);
  EXPECT_EQ(201, reserve(server, 2, "").status());
  server.program().process().signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file_); }));
  EXPECT_EQ(201, reserve(server, 3, "").status());
  EXPECT_EQ(1U, lines(server, "Reservation attempt").size());
  const std::string before = text_of(moved);
  EXPECT_EQ(before.find("Reservation attempt") != before.rfind("Reservation attempt"), true);
}

/// A pipe that is full, for nobody reads it: whoever writes to it waits for ever.
class StalledPipe {
 public:
  explicit StalledPipe(const std::filesystem::path& path) {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
    reader_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (::fcntl(reader_, F_SETPIPE_SZ, 4096) < 0) throw std::runtime_error("F_SETPIPE_SZ");
  }
  ~StalledPipe() { ::close(reader_); }
  bool full() const {
    pollfd pipe{reader_, POLLOUT, 0};
    return ::poll(&pipe, 1, 0) == 0;
  }

 private:
  int reader_ = -1;
};

TEST_F(Log, AReaderThatStallsKeepsNobodyFromEnding) {
  for (const bool twice : {false, true}) {
    std::filesystem::remove(file_);
    const StalledPipe pipe(file_);
    RunningServer server = serve_with_log({"--drain", "5s"});
    Client ann = server.client(tokens_[1]);
    EXPECT_TRUE(eventually([&] {
      ann.ask("POST", "/api/events/1/reserve");
      return pipe.full();
    }));
    for (int i = 0; i < 40; ++i) ann.ask("POST", "/api/events/1/reserve");
    server.program().process().signal(SIGTERM);
    if (twice) server.program().process().signal(SIGINT);
    const Ran ran = server.program().wait(10s);
    EXPECT_TRUE(twice ? ran.code > 128 : ran.code == 0) << ran.code;
  }
}

TEST_F(Log, AnEventThatDoesNotAddUpIsNamedWithItsNumbers) {
  const auto event = add_event(10);
  sql_.run(fmt::format("UPDATE events SET available_tickets = 7 WHERE id = {}", event));
  RunningServer server = serve_with_log({"--sweep-interval", "20ms"});
  EXPECT_TRUE(eventually([&] {
    return server.client()
               .ask("GET", "/metrics")
               .raw.body.find(
                   "broken_events{strategy="
                   "\"pessimistic\"} 1\n") != std::string::npos;
  }));
  const auto broken = lines(server, "Identity broken");
  ASSERT_FALSE(broken.empty());
  EXPECT_EQ(event, broken[0].at("event_id").as_int64());
  EXPECT_EQ(10, broken[0].at("total_tickets").as_int64());
  EXPECT_EQ(7, broken[0].at("available_tickets").as_int64());
  EXPECT_EQ(0, broken[0].at("taken_tickets").as_int64());
}

}  // namespace
}  // namespace boxoffice::tests
