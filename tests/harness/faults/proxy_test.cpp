// The proxy between a client and a server that echoes: what passes, what waits, what is cut.
#include "harness/faults/proxy.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <string>
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
  while (proxy.bytes_held_back() < 1) std::this_thread::yield();
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
