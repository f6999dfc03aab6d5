// Both clients, one contract: what leaves, what is read, and that nothing leaves twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/load/poller.hpp"
#include "scripted_server.hpp"

namespace boxoffice::load {
namespace {

using Factory = std::unique_ptr<Client> (*)(const std::string&, std::size_t,
                                            std::chrono::milliseconds, const RequestHeaders&);

struct Reported {
  int http = 0;
  std::string body, code, phase;
  std::int64_t attempts = 0;
  bool sent = false;
};

class Clients : public ::testing::TestWithParam<Factory> {
 protected:
  std::unique_ptr<Client> client(const std::string& target, int timeout_ms = 5'000,
                                 const RequestHeaders& headers = {}) {
    return GetParam()(target, 1, std::chrono::milliseconds(timeout_ms), headers);
  }
  static Reported exchange(Client& client, const Request& request) {
    std::optional<Reported> reported;
    client.start(0, request);
    EXPECT_EQ(client.in_flight(), 1u);
    const std::int64_t bound_ns = now_ns() + 10'000'000'000;
    while (!reported && now_ns() < bound_ns) {
      client.wait(bound_ns, [&](std::size_t, const Exchange& e) {
        reported = {e.http,
                    std::string(e.body),
                    std::string(e.failure.code),
                    std::string(e.failure.phase),
                    e.attempts,
                    e.failure.sent};
      });
    }
    EXPECT_EQ(client.in_flight(), 0u);
    return reported.value_or(Reported{});
  }
};

TEST_P(Clients, SendsWhatWasAskedAndReadsTheReply) {
  ScriptedServer server([](const ReceivedRequest& request) {
    return ScriptedReply{http_reply(201, request.method + " " + request.path + " " + request.body,
                                    "X-Transaction-Attempts: 2\r\n")};
  });
  const auto one = client(server.target());
  const Reported post =
      exchange(*one, {Method::post, "/a?b=c", R"({"quantity":1})", "7|secret", "id-1"});
  EXPECT_EQ(post.http, 201);
  EXPECT_EQ(post.body, R"(POST /a?b=c {"quantity":1})");
  EXPECT_EQ(post.attempts, 2);
  EXPECT_EQ(post.code, "");
  EXPECT_EQ(exchange(*one, {Method::del, "/r/1", "", "7|secret", ""}).body, "DELETE /r/1 ");
  EXPECT_EQ(exchange(*one, {Method::get, "/e", "", "", ""}).body, "GET /e ");
  EXPECT_EQ(exchange(*one, {Method::post, "/p", "", "", ""}).body, "POST /p ");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[0].header("Authorization"), "Bearer 7|secret");
  EXPECT_EQ(requests[0].header("X-Request-Id"), "id-1");
  EXPECT_EQ(requests[0].header("Content-Type"), "application/json");
  EXPECT_EQ("http://" + requests[0].header("Host"), server.target());
  EXPECT_EQ(requests[2].header("Authorization"), "");
  EXPECT_EQ(requests[3].header("Content-Length"), "0");
  EXPECT_EQ(requests[3].connection, 0) << "all on one connection";
}

TEST_P(Clients, OtherMethodsAndOtherHeaders) {
  ScriptedServer server([](const ReceivedRequest& request) {
    return ScriptedReply{http_reply(200, request.method + " " + request.path + " " + request.body)};
  });
  const auto one = client(server.target(), 5'000, {"Cookie: session=", "; a=b", ""});
  EXPECT_EQ(exchange(*one, {Method::put, "/p", "{}", "secret", "id-1"}).body, "PUT /p {}");
  EXPECT_EQ(exchange(*one, {Method::patch, "/p", "", "", ""}).body, "PATCH /p ");
  EXPECT_EQ(exchange(*one, {Method::del, "/p", "[1]", "", ""}).body, "DELETE /p [1]");
  EXPECT_EQ(exchange(*one, {Method::get, "/p", "", "", ""}).body, "GET /p ");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[0].header("Cookie"), "session=secret; a=b");
  EXPECT_EQ(requests[0].header("Authorization"), "");
  EXPECT_EQ(requests[0].head.find("id-1"), std::string::npos);
  EXPECT_EQ(requests[1].header("Content-Length"), "0");
  EXPECT_EQ(requests[3].header("Content-Length"), "");
}

TEST_P(Clients, NothingIsSentAgainAfterAReset) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.overall == 1) return ScriptedReply{"", After::reset};
    return ScriptedReply{http_reply(200, "{}")};
  });
  const auto one = client(server.target());
  EXPECT_EQ(exchange(*one, {Method::post, "/1", "", "", ""}).http, 200);
  const Reported reset = exchange(*one, {Method::post, "/2", "", "", ""});
  EXPECT_EQ(reset.code, "connection_reset");
  EXPECT_EQ(reset.phase, "receive");
  EXPECT_TRUE(reset.sent);
  EXPECT_EQ(exchange(*one, {Method::post, "/3", "", "", ""}).http, 200);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_P(Clients, ARefusedConnectionSentNothing) {
  std::string target;
  {
    ScriptedServer gone([](const ReceivedRequest&) { return ScriptedReply{}; });
    target = gone.target();
  }
  const auto one = client(target);
  const Reported refused = exchange(*one, {Method::post, "/", "", "", ""});
  EXPECT_EQ(refused.code, "connection_refused");
  EXPECT_EQ(refused.phase, "connect");
  EXPECT_FALSE(refused.sent);
}

TEST_P(Clients, SilenceEndsWithTheTimeoutAndTheConnectionIsNotUsedAgain) {
  ScriptedServer server([](const ReceivedRequest& request) {
    if (request.overall == 0) return ScriptedReply{"", After::hang};
    return ScriptedReply{http_reply(200, "{}")};
  });
  const auto one = client(server.target(), 50);
  const Reported late = exchange(*one, {Method::get, "/1", "", "", ""});
  EXPECT_EQ(late.code, "timeout");
  EXPECT_TRUE(late.sent);
  EXPECT_EQ(exchange(*one, {Method::get, "/2", "", "", ""}).http, 200);
  EXPECT_EQ(server.requests().at(1).connection, 1);
}

INSTANTIATE_TEST_SUITE_P(All, Clients, ::testing::Values(make_socket_client, make_curl_client),
                         [](const auto& which) { return which.index == 0 ? "socket" : "curl"; });

// Nothing reads at the other end until the request has filled both buffers: the rest of it must
// follow once there is room.
TEST(SocketClient, ALargeRequestLeavesInPiecesOverAUnixSocket) {
  char directory[] = "/tmp/boxoffice-client-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = std::string(directory) + "/s";
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  const auto client = make_client("unix:" + path, 1, std::chrono::seconds(10));
  const std::string body(4'000'000, 'x');
  client->start(0, {Method::post, "/", body, "", ""});
  const int fd = accept(listener, nullptr, nullptr);
  std::size_t received = 0;
  int status = 0;
  std::thread server([&] {
    std::string buffer(1 << 16, ' ');
    while (received < body.size()) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      received += static_cast<std::size_t>(got);
    }
    const std::string reply = http_reply(200, "{}");
    send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
  });
  const std::int64_t bound_ns = now_ns() + 10'000'000'000;
  while (status == 0 && now_ns() < bound_ns) {
    client->wait(bound_ns, [&](std::size_t, const Exchange& e) { status = e.http; });
  }
  server.join();
  close(fd);
  close(listener);
  std::filesystem::remove_all(directory);
  EXPECT_EQ(status, 200);
}

// A process that is forked while the load runs holds copies of its sockets for a moment.
TEST(Poller, ASocketThatIsForgottenIsSilentThoughACopyOfItIsOpen) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  Poller poller;
  poller.want(pair[0], true, false);
  const int copy = dup(pair[0]);
  poller.forget(pair[0]);
  close(pair[0]);
  ASSERT_EQ(write(pair[1], "x", 1), 1);
  EXPECT_TRUE(poller.wait(now_ns() + 5'000'000).empty());
  close(copy);
  close(pair[1]);
}

TEST(SocketClient, ATargetThatIsNoAddressIsSaid) {
  for (const char* target : {"http://", "ftp://127.0.0.1", "unix:", "http://127.0.0.1:port/",
                             "http://127.0.0.1:99999"}) {
    EXPECT_THROW(make_client(target, 1, std::chrono::seconds(1)), std::runtime_error) << target;
  }
}

}  // namespace
}  // namespace boxoffice::load
