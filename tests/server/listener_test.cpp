// A port goes on accepting, whatever one connection met.
#include "server/listener.hpp"

#include <gtest/gtest.h>

#include <new>

#include "raw_client.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;

class Greeter : public Responder {
 public:
  bool begin(Call& call, Scope) override {
    call.succeed(200);
    call.reply.body = "hello";
    return true;
  }
  void proceed(Call&) override {}
};

TEST(Listener, AConnectionThatCannotBeServedCostsNoOther) {
  Greeter greeter;
  Network network{greeter, {}};
  std::vector<std::unique_ptr<IoThread>> threads;
  threads.push_back(std::make_unique<IoThread>(5ms));
  bool failed = false;
  Listener listener(threads, "127.0.0.1", 0, Scope::both, nullptr,
                    [&](Socket socket, IoThread& home, Network& of, Scope port, TlsPort* tls) {
                      if (!std::exchange(failed, true)) throw std::bad_alloc();
                      start_session(std::move(socket), home, of, port, tls);
                    });
  listener.start(network);
  threads.front()->start();

  test::RawClient unlucky(listener.port());
  EXPECT_TRUE(unlucky.is_at_end());
  EXPECT_EQ(network.connections, 0);
  test::RawClient next(listener.port());
  EXPECT_EQ(next.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body, "hello");
  EXPECT_EQ(network.connections, 1);
  threads.front()->stop();
}

}  // namespace
}  // namespace boxoffice::server
