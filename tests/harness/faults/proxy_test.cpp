// The proxy between a client and a server that echoes: what passes, what waits, what is cut.
#include "harness/faults/proxy.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <string>
#include <string_view>
#include <utility>

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Echoes one connection after another until it is gone.
class Echo {
 public:
  Echo() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd = accept(listener_, nullptr, nullptr); fd >= 0;
           fd = accept(listener_, nullptr, nullptr)) {
        std::string buffer(65536, ' ');
        for (ssize_t got = recv(fd, buffer.data(), buffer.size(), 0); got > 0;
             got = recv(fd, buffer.data(), buffer.size(), 0)) {
          for (ssize_t sent = 0; sent < got;) {
            const ssize_t n =
                send(fd, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += n;
          }
        }
        close(fd);
      }
    });
  }
  ~Echo() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  int port() const { return port_; }

 private:
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() {
    if (fd_ >= 0) close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void send(const std::string& text) { ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  bool readable_within(std::chrono::milliseconds bound) {
    pollfd polled{fd_, POLLIN, 0};
    return poll(&polled, 1, static_cast<int>(bound.count())) > 0;
  }
  /// Up to `size` bytes; fewer where the connection ends or ten seconds pass.
  std::string receive(std::size_t size) {
    std::string text;
    while (text.size() < size && readable_within(10s)) {
      std::string buffer(size - text.size(), ' ');
      const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        error_ = got < 0 ? errno : 0;
        break;
      }
      text.append(buffer, 0, static_cast<std::size_t>(got));
    }
    return text;
  }
  void end() { shutdown(fd_, SHUT_WR); }
  /// The end of the process as the other side sees it: a reset.
  void abort() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(std::exchange(fd_, -1));
  }
  int error() const { return error_; }

 private:
  int fd_;
  bool connected_ = false;
  int error_ = 0;
};

TEST(Proxy, PassesBothWaysAndTheEndToo) {
  Echo echo;
  Proxy proxy(echo.port());
  Client client(proxy.port());
  client.send("hello");
  EXPECT_EQ(client.receive(5), "hello");
  const std::string much(3'000'000, 'x');
  std::thread sender([&] { client.send(much); });
  EXPECT_EQ(client.receive(much.size()).size(), much.size());
  sender.join();
  EXPECT_EQ(proxy.bytes_held_back(), 0);
  client.end();
  EXPECT_EQ(client.receive(1), "");
}

TEST(Proxy, APartitionHoldsBackUntilItIsHealed) {
  Echo echo;
  Proxy proxy(echo.port());
  Client client(proxy.port());
  client.send("a");
  EXPECT_EQ(client.receive(1), "a");
  proxy.partition(true);
  client.send("bc");
  EXPECT_FALSE(client.readable_within(100ms)) << "nothing passes";
  proxy.partition(false);
  EXPECT_EQ(client.receive(2), "bc") << "nothing is lost";
  EXPECT_GE(proxy.bytes_held_back(), 2);
}

// What it cannot pass on yet must not keep it busy: it shares two cores with what is measured.
TEST(Proxy, WaitsWithoutWorkWhileAClientIsGoneBehindAPartition) {
  Echo echo;
  Proxy proxy(echo.port());
  Client client(proxy.port());
  client.send("a");
  EXPECT_EQ(client.receive(1), "a");
  proxy.partition(true);
  client.send("b");
  client.end();
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (proxy.bytes_held_back() < 1 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_EQ(proxy.bytes_held_back(), 1);
  EXPECT_FALSE(client.readable_within(50ms));  // and the end of the stream was seen
  client.abort();
  const std::clock_t begun = std::clock();
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(1000.0 * static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 60.0)
      << "ms of processor time";
  proxy.partition(false);
}

TEST(Proxy, ADelayCountsOnceForEachWay) {
  Echo echo;
  Proxy proxy(echo.port());
  Client client(proxy.port());
  proxy.delay(40ms);
  const auto begun = Clock::now();
  client.send("a");
  EXPECT_EQ(client.receive(1), "a");
  EXPECT_GE(Clock::now() - begun, 80ms);
  EXPECT_EQ(proxy.bytes_held_back(), 2);
}

TEST(Proxy, AResetIsAResetAndNewConnectionsPass) {
  Echo echo;
  Proxy proxy(echo.port());
  {
    Client client(proxy.port());
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    EXPECT_EQ(proxy.reset_all(), 1);
    EXPECT_EQ(client.receive(1), "");
    EXPECT_EQ(client.error(), ECONNRESET);
  }
  Client another(proxy.port());
  another.send("b");
  EXPECT_EQ(another.receive(1), "b");
  EXPECT_EQ(proxy.connections(), 1);
}

using namespace std::string_view_literals;

TEST(CommitMessage, IsKnownInBothProtocols) {
  EXPECT_TRUE(asks_to_commit(Wire::postgresql,
                             "Q\0\0\0\x0b"
                             "commit\0"sv));
  EXPECT_FALSE(asks_to_commit(Wire::postgresql,
                              "Q\0\0\0\x22"
                              "select 'commit'\0"sv));
  const auto pipeline =
      "B\0\0\0\x14\0lock_event\0\0\0\0\0\0\0"
      "E\0\0\0\x09\0\0\0\0\0"
      "B\0\0\0\x12\0commit\0\0\0\0\0\0\0"
      "E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04"sv;
  EXPECT_TRUE(asks_to_commit(Wire::postgresql, pipeline));
  EXPECT_FALSE(asks_to_commit(Wire::postgresql, pipeline.substr(0, 20)));
  EXPECT_FALSE(asks_to_commit(Wire::postgresql,
                              "P\0\0\0\x16"
                              "commit\0COMMIT\0\0\0"sv))
      << "prepares it only";
  EXPECT_TRUE(says_committed(Wire::postgresql,
                             "C\0\0\0\x0b"
                             "COMMIT\0Z\0\0\0\x05I"sv));
  EXPECT_FALSE(says_committed(Wire::postgresql,
                              "C\0\0\0\x0d"
                              "ROLLBACK\0"sv));
  EXPECT_TRUE(asks_to_commit(Wire::mysql,
                             "\x07\0\0\0\x03"
                             "commit"sv));
  EXPECT_FALSE(asks_to_commit(Wire::mysql,
                              "\x06\0\0\0\x03"
                              "begin"sv));
  EXPECT_TRUE(says_committed(Wire::mysql, "\x07\0\0\x01\0\0\0\x02\0\0\0"sv));
  EXPECT_FALSE(says_committed(Wire::mysql, "\x09\0\0\x01\xff\xbd\x04#40001"sv)) << "an error";
}

// The echo stands for a database: what is sent holds the answer too.
TEST(Proxy, LosesTheAnswerToACommitThatWasCarriedOut) {
  Echo echo;
  Proxy proxy(echo.port());
  const std::string commit(
      "Q\0\0\0\x0b"
      "commit\0C\0\0\0\x0b"
      "COMMIT\0"sv);
  {
    Client client(proxy.port());
    client.send(commit);
    EXPECT_EQ(client.receive(commit.size()), commit) << "not yet";
    proxy.lose_commits(true, Wire::postgresql);
    client.send("Q\0\0\0\x0bselect\0");
    EXPECT_EQ(client.receive(1), "Q") << "nothing else is lost";
  }
  {
    Client client(proxy.port());
    client.send(commit);
    EXPECT_EQ(client.receive(1), "");
    EXPECT_EQ(client.error(), ECONNRESET);
    EXPECT_EQ(proxy.commits_lost(), 1);
  }
  proxy.lose_commits(false, Wire::postgresql);
  Client client(proxy.port());
  client.send(commit);
  EXPECT_EQ(client.receive(commit.size()), commit);
}

TEST(Proxy, WhereNobodyListensAConnectionIsClosed) {
  int port = 0;
  {
    Echo gone;
    port = gone.port();
  }
  Proxy proxy(port);
  Client client(proxy.port());
  EXPECT_EQ(client.receive(1), "");
}

}  // namespace
}  // namespace boxoffice::harness
