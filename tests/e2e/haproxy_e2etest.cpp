// Two instances behind a real HAProxy with the configuration that is shipped, under load: one is
// told to stop, the other is killed, both come back. What clients were told has to be true, a stop
// in order may not be noticed, and a kill leaves nobody in doubt but whose request was on its way.
//
// Where there is no HAProxy ctest lists this as skipped (cmake/deployment unpacks one).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/buyers.hpp"
#include "tests/e2e/deployed.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

constexpr const char* k_configuration = BOXOFFICE_SOURCE_DIR "/docker/haproxy/haproxy.cfg";

/// Listens on a free port of 127.0.0.1; who is started while it lives inherits it, so that nobody
/// can take the port before HAProxy does.
class InheritedListener {
 public:
  InheritedListener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, length) != 0 || ::listen(socket_, 128) != 0 ||
        ::getsockname(socket_, any, &length) != 0) {
      throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
  }
  ~InheritedListener() { ::close(socket_); }
  InheritedListener(const InheritedListener&) = delete;
  InheritedListener& operator=(const InheritedListener&) = delete;

  int descriptor() const { return socket_; }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

class BehindHaproxy : public ServerTest {
 protected:
  struct Instance {
    std::unique_ptr<RunningServer> server;
    std::vector<std::string> ports;
  };

  void SetUp() override {
    program_ = find_deployed("haproxy");
    if (program_.empty())
      GTEST_SKIP() << "NOT TESTED: no HAProxy here (cmake/deployment unpacks one)";
    for (Instance& instance : instances_) start(instance);
    const InheritedListener listener;
    Environment environment{{"BOXOFFICE_BIND", fmt::format("fd@{}", listener.descriptor())}};
    for (int i : {0, 1}) {
      environment[fmt::format("BOXOFFICE_SERVER{}", i + 1)] = "127.0.0.1:" + instances_[i].ports[1];
      environment[fmt::format("BOXOFFICE_OPERATIONS{}", i + 1)] = instances_[i].ports[3];
    }
    haproxy_ = std::make_unique<Program>(workspace_, program_,
                                         std::vector<std::string>{"-db", "-f", k_configuration},
                                         with_unpacked_libraries(environment));
    port_ = listener.port();
    const auto answers = [&] { return Client(port_).ask("GET", "/api/events").status() == 200; };
    ASSERT_TRUE(eventually(answers)) << haproxy_->out() << haproxy_->err();
  }

  /// The first time on ports of the system's choice, then on the same ones.
  void start(Instance& instance) {
    const auto ports = instance.ports.empty()
                           ? std::vector<std::string>{"--port", "0", "--operations-port", "0"}
                           : instance.ports;
    auto flags = ports;
    flags.insert(flags.end(), {"--grace", "5s", "--log-level", "debug"});
    instance.server = std::make_unique<RunningServer>(workspace_, url_, flags);
    instance.ports = {"--port", std::to_string(instance.server->port()), "--operations-port",
                      std::to_string(instance.server->operations_port())};
  }

  /// Waits until HAProxy has said it of instance `number`.
  bool is_said(int number, const std::string& state) {
    const std::string line = fmt::format("Server servers/server{} is {}", number, state);
    return eventually([&] { return count(haproxy_->out(), line) > 0; });
  }
  static std::size_t attempts(const Instance& instance) {
    return count(instance.server->program().err(), "Reservation attempt");
  }

  std::string program_;
  std::array<Instance, 2> instances_;
  std::unique_ptr<Program> haproxy_;
  std::uint16_t port_ = 0;
};

TEST_F(BehindHaproxy, AStopIsNotNoticedAndAKillLosesNothingThatWasAcknowledged) {
  const auto event = add_event(1'000'000);
  auto& [first, second] = instances_;
  Buyers buyers(port_, event, tokens_);
  ASSERT_TRUE(buyers.wait_for(200));

  first.server->program().process().signal(SIGTERM);
  EXPECT_EQ(0, first.server->program().wait(30s).code);
  EXPECT_TRUE(is_said(1, "DOWN"));
  EXPECT_GT(attempts(first), 0U) << "both instances had their share";
  EXPECT_GT(attempts(second), 0U);
  EXPECT_EQ(0U, buyers.refusals()) << "nor is anybody sent away";
  EXPECT_EQ(0U, buyers.indeterminate()) << "a stop in order leaves nobody in doubt";
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises());
  start(first);
  ASSERT_TRUE(is_said(1, "UP")) << haproxy_->out();

  ASSERT_TRUE(eventually([&] { return attempts(first) > 20; })) << "it is in use again";
  second.server->program().process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, second.server->program().wait(5s).code);
  EXPECT_TRUE(is_said(2, "DOWN"));
  start(second);
  ASSERT_TRUE(is_said(2, "UP")) << haproxy_->out();
  EXPECT_TRUE(eventually([&] { return attempts(second) > 20; })) << "and so is the other";

  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises());
  EXPECT_EQ(0U, buyers.refusals()) << "the other instance was there for everybody";
  EXPECT_LE(buyers.indeterminate(), Buyers::k_buyers) << "at most what was on its way at the kill";
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql_, acknowledged));
  const auto rows = sql_.number("SELECT count(*) FROM reservations");
  EXPECT_GE(rows, std::ssize(acknowledged));
  EXPECT_LE(rows, std::ssize(acknowledged) + static_cast<std::int64_t>(buyers.indeterminate()))
      << "nothing was sent twice";
  expect_nothing_oversold();
}

TEST_F(BehindHaproxy, WhereNobodyIsThereItSaysSoInTheFormOfTheApi) {
  for (Instance& instance : instances_) instance.server->program().process().end(SIGKILL, 5s);
  EXPECT_TRUE(is_said(1, "DOWN"));
  EXPECT_TRUE(is_said(2, "DOWN"));
  const Reply reply = Client(port_, tokens_[1]).reserve(1);
  EXPECT_EQ(503, reply.status());
  EXPECT_EQ("overloaded", reply.text("/code"));
  EXPECT_EQ("none", reply.text("/effect"));
  EXPECT_EQ("1", reply.header("retry-after"));
  EXPECT_EQ("application/problem+json", reply.header("content-type"));
}

}  // namespace
}  // namespace boxoffice::tests
