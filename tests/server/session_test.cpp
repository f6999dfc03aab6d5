// What a network can do to a session, over real sockets: each client gets a reply or an end, and
// the server serves the next one.
#include "server/session.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <thread>

#include "eventually.hpp"
#include "raw_client.hpp"
#include "server/request_id.hpp"
#include "server/server.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using test::RawClient;

/// Answers with what it was asked. `/later` from another thread; `/page` with as much as a page of
/// events; `/large` with more than a socket takes.
class Echo : public Responder {
 public:
  ~Echo() override {
    for (auto& thread : threads_) thread.join();
  }
  bool begin(Call& call, Scope) override {
    call.succeed(200);
    if (call.request.path == "/later") return false;
    if (call.request.path == "/large") call.reply.body.assign(64 << 20, 'x');
    if (call.request.path == "/page") call.reply.body.assign(6 << 10, 'x');
    if (call.request.path == "/throw") throw std::runtime_error("a handler's mistake");
    if (call.reply.body.empty()) {
      call.reply.body = call.request.path + '?' + call.request.query + ' ' + call.request.body;
    }
    return true;
  }
  void proceed(Call& call) override {
    threads_.emplace_back([&call] {
      call.reply.body = "later";
      call.resume();
    });
  }

 private:
  std::vector<std::thread> threads_;
};

struct Running {
  explicit Running(const SessionLimits& limits = {}, std::int64_t connections_max = 1000) {
    ServerOptions options;
    options.port = 0;
    options.connections_max = connections_max;
    options.limits = limits;
    server.emplace(options, echo);
    server->start();
  }
  std::uint16_t port() const { return server->port(); }
  void expect_still_serving() const {
    RawClient client(port());
    EXPECT_EQ(client.ask("GET /still HTTP/1.1\r\nHost: x\r\n\r\n").body, "/still? ");
  }
  Echo echo;
  std::optional<Server> server;
};

TEST(Session, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  Running running;
  RawClient client(running.port());
  client.send(
      "GET /a?q=1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
      "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
      "GET /d HTTP/1.1\r\nHost: x\r\n\r\n");
  for (const auto* body : {"/a?q=1 ", "/b? abc", "later", "/c? def", "/d? "}) {
    EXPECT_EQ(client.read_reply().value().body, body);
  }
}

TEST(Session, TakesARequestByteByByte) {
  Running running;
  RawClient client(running.port());
  for (const char c :
       std::string_view("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_EQ(client.read_reply().value().body, "/slow? ok");
}

TEST(Session, RequestIdsAreTheClientsWhereTheyAreUuids) {
  Running running;
  RawClient client(running.port());
  const std::string id = "206ad8ef-5564-4788-8b6f-cca85f9b25e8";
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + id + "\r\n\r\n")
                .headers["x-request-id"],
            id);
  const auto other =
      client.ask("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: 1\r\n\r\n").headers["x-request-id"];
  EXPECT_TRUE(is_uuid(other));
  EXPECT_NE(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").headers["x-request-id"], other);
}

// Found by request_fuzz: sent in one piece, a trailer gave the request its Host.
TEST(Session, WhatTrailersSayIsNoHeader) {
  Running running;
  const std::string id = "206ad8ef-5564-4788-8b6f-cca85f9b25e8";
  const std::string chunks = "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n";
  RawClient client(running.port());
  const auto reply = client.ask("POST /t HTTP/1.1\r\nHost: x\r\n" + chunks + "X-Request-Id: " + id +
                                "\r\nAuthorization: Bearer 1|x\r\n\r\n");
  EXPECT_EQ(reply.body, "/t? a");
  EXPECT_NE(reply.headers.at("x-request-id"), id);
  RawClient other(running.port());
  EXPECT_EQ(other.ask("POST /t HTTP/1.1\r\n" + chunks + "Host: x\r\n\r\n").status, 400);
}

TEST(Session, WhatIsNotHttpIs400AndTheEnd) {
  Running running;
  for (const std::string bytes :
       {"GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"}) {
    RawClient client(running.port());
    const auto reply = client.ask(bytes);
    EXPECT_EQ(reply.status, 400) << bytes;
    EXPECT_NE(reply.body.find("\"malformed_request\""), std::string::npos);
    EXPECT_EQ(reply.headers.at("connection"), "close");
    EXPECT_TRUE(client.is_at_end());
  }
  running.expect_still_serving();
}

// Beast took these for requests without a body, and what followed for the next request: a proxy in
// front of us that reads them otherwise lets somebody else's request be written.
TEST(Session, ABodyWhoseEndIsNotCertainIs400AndTheEnd) {
  Running running;
  const std::string smuggled = "5\r\nabcde\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string fields :
       {"1.1\r\nTransfer-Encoding: gzip", "1.1\r\nTransfer-Encoding: identity",
        "1.1\r\nTransfer-Encoding: chunked, identity", "1.1\r\nTransfer-Encoding: gzip, chunked",
        "1.1\r\nTransfer-Encoding: ", "1.1\r\nTransfer-Encoding: chunked, ",
        "1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "1.1\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5",
        "1.1\r\nContent-Length: 5\r\nTransfer-Encoding: xchunked",
        "1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked"}) {
    RawClient client(running.port());
    const auto reply = client.ask("POST / HTTP/" + fields + "\r\nHost: x\r\n\r\n" + smuggled);
    EXPECT_EQ(reply.status, 400) << fields;
    EXPECT_EQ(reply.headers.at("connection"), "close");
    client.finish();
    EXPECT_TRUE(client.is_at_end()) << fields;
  }
  RawClient client(running.port());
  const auto reply =
      client.ask("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n" + smuggled);
  EXPECT_EQ(reply.body, "/c? abcde");
}

TEST(Session, HeadersAndBodiesHaveALimit) {
  Running running;
  const std::string large(100'000, 'x');
  const std::string header = "GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + large + "\r\n\r\n";
  const std::string target = "GET /" + large + " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + large;
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + large;
  const std::string huge =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n";
  const std::pair<const std::string*, int> expected[] = {
      {&header, 431}, {&target, 431}, {&body, 413}, {&chunked, 413}, {&huge, 413}};
  for (const auto& [bytes, status] : expected) {
    RawClient client(running.port());
    EXPECT_EQ(client.ask(*bytes).status, status) << bytes->substr(0, 60);
    EXPECT_TRUE(client.is_at_end());
  }
  RawClient fits(running.port());
  const std::string most(64 * 1024, 'x');
  EXPECT_EQ(fits.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + most).status,
            200);
}

/// `head`, then `piece` again and again, for longer than any limit lets it; the reply's status.
int status_of_a_flood(std::uint16_t port, std::string_view head, std::string_view piece) {
  constexpr std::size_t k_flood_bytes = 200'000;
  RawClient client(port);
  client.send(head);
  for (std::size_t sent = 0; sent < k_flood_bytes && client.send(piece);) sent += piece.size();
  const auto reply = client.read_reply();
  return reply ? reply->status : 0;
}

// A line that never ends was kept until the body's time was over, 400 MB of it.
TEST(Session, WhatIsNeitherHeaderNorBodyHasALimitToo) {
  SessionLimits limits;
  limits.header_timeout = limits.body_timeout = 60s;  // it is the size that ends it
  Running running(limits);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string text(1000, 'b'), field = "X: " + text + "\r\n";
  const std::string forwarded = "X-Forwarded-For: " + text + "\r\n";
  const std::string chunk = "1;a=" + text + "\r\nx\r\n";
  const std::pair<std::string, std::string> floods[] = {
      {chunked + "1;a=", text},
      {chunked + "0\r\nX: ", text},
      {chunked + "0\r\n", field},
      {chunked, chunk},
      {"GET / HTTP/1.1\r\nHost: x\r\n", field},
      {"GET / HTTP/1.1\r\nHost: x\r\n", forwarded}};
  for (const auto& [head, piece] : floods) {
    EXPECT_EQ(status_of_a_flood(running.port(), head, piece), 431) << head << piece.substr(0, 20);
  }
  running.expect_still_serving();
  RawClient fits(running.port());
  EXPECT_EQ(fits.ask(chunked + "1;a=" + text + "\r\nx\r\n0\r\n" + field + "\r\n").body, "/? x");
}

TEST(Session, TruncatedRequestsEndQuietly) {
  Running running;
  for (const auto* bytes : {"", "G", "GET / HTTP/1.1\r\nHost: x\r\n",
                            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawClient client(running.port());
    client.send(bytes);
    client.finish();
    EXPECT_TRUE(client.is_at_end()) << bytes;
  }
  running.expect_still_serving();
}

TEST(Session, ADripOfBytesExtendsNoTimeout) {
  SessionLimits limits;
  limits.header_timeout = limits.body_timeout = 100ms;
  Running running(limits);
  for (const std::string start :
       {"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"}) {
    RawClient client(running.port());
    client.send(start);
    const std::jthread drip([&](const std::stop_token& ended) {
      while (!ended.stop_requested() && client.send("x"))
        std::this_thread::sleep_for(1ms);  // the pace of the attack, not a wait
    });
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, start.find("99999999") == std::string::npos ? 408 : 413);
  }
  running.expect_still_serving();
}

TEST(Session, IdleConnectionsEndWithoutAReply) {
  SessionLimits limits;
  limits.idle_timeout = 50ms;
  Running running(limits);
  RawClient fresh(running.port()), used(running.port());
  EXPECT_EQ(used.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  EXPECT_TRUE(fresh.is_at_end());
  EXPECT_TRUE(used.is_at_end());
}

TEST(Session, AClientThatDoesNotReadIsDropped) {
  SessionLimits limits;
  limits.write_timeout = 50ms;
  Running running(limits);
  RawClient client(running.port());
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  EXPECT_EQ(running.server->connections(), 1);
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(test::eventually([&] { return running.server->connections() == 0; }));
}

TEST(Session, ASlowReaderGetsAllOfALargeReply) {
  Running running;
  RawClient client(running.port());
  EXPECT_EQ(client.ask("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").body.size(), 64U << 20);
}

TEST(Session, ContinuesWhereTheClientAsks) {
  Running running;
  RawClient client(running.port());
  client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_reply().value().status, 100);
  EXPECT_EQ(client.ask("ok").body, "/e? ok");
}

TEST(Session, HeadHasNoBodyButItsLength) {
  Running running;
  RawClient client(running.port());
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_reply(true).value().headers["content-length"], "4");
  EXPECT_EQ(client.ask("GET /h HTTP/1.1\r\nHost: x\r\n\r\n").body, "/h? ");
}

// HEAD, so that this process' clients hold none of it. What the second reply finds, the first left.
TEST(Session, AnIdleConnectionHoldsNoBufferOfAPage) {
  Running running;
  std::vector<std::unique_ptr<RawClient>> clients;  // all stay: what ends would be counted as well
  clients.reserve(300);
  const auto held_by = [&](const std::string& path) {
    const auto before = static_cast<std::int64_t>(mallinfo2().uordblks);
    for (int i = 0; i < 100; ++i) {
      RawClient& client = *clients.emplace_back(std::make_unique<RawClient>(running.port()));
      for (const auto& each : {path, std::string("/small")}) {
        client.send("HEAD " + each + " HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(200, client.read_reply(true).value().status);
      }
    }
    return (static_cast<std::int64_t>(mallinfo2().uordblks) - before) / 100;
  };
  held_by("/page");  // makes what all share
  const auto small = held_by("/small");
  EXPECT_LT(held_by("/page") - small, 2048);
}

TEST(Session, ClosesForHttp10UnlessAskedToKeep) {
  Running running;
  RawClient plain(running.port());
  EXPECT_EQ(plain.ask("GET /o HTTP/1.0\r\n\r\n").headers["connection"], "close");
  EXPECT_TRUE(plain.is_at_end());
  RawClient kept(running.port());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(kept.ask("GET /o HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers["connection"],
              "keep-alive");
  }
  RawClient closing(running.port());
  EXPECT_EQ(closing.ask("GET /o HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status, 200);
  EXPECT_TRUE(closing.is_at_end());
}

TEST(Session, TakesTheAbsoluteFormOfATarget) {
  Running running;
  RawClient client(running.port());
  EXPECT_EQ(client.ask("GET http://x/abs?y=1 HTTP/1.1\r\nHost: x\r\n\r\n").body, "/abs?y=1 ");
  EXPECT_EQ(client.ask("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n").body, "/? ");
}

TEST(Session, OneConnectionTooManyGets503) {
  Running running({}, 1);
  RawClient first(running.port());
  EXPECT_EQ(first.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  RawClient second(running.port());
  EXPECT_EQ(second.read_reply().value().status, 503);
  EXPECT_TRUE(second.is_at_end());
  EXPECT_EQ(first.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

// The liveness probe must not fail because the shop is full: that would restart it.
TEST(Session, AFullPublicPortLeavesTheOperationsPortOpen) {
  Echo echo;
  ServerOptions options;
  options.port = 0;
  options.operations_port = 0;
  options.connections_max = 1;
  Server server(options, echo);
  server.start();
  const auto url = *server.operations_url();
  const auto operations = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  RawClient first(server.port()), second(server.port());
  EXPECT_EQ(second.read_reply().value().status, 503);
  std::vector<std::unique_ptr<RawClient>> probes;
  for (int i = 0; i < 3; ++i) {
    probes.push_back(std::make_unique<RawClient>(operations));
    EXPECT_EQ(probes.back()->ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  }
  EXPECT_EQ(server.network().connections, 1);
  EXPECT_EQ(server.connections(), 4);
  server.drain();
  EXPECT_TRUE(probes.front()->is_at_end());
  RawClient late(operations);
  EXPECT_EQ(late.ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

TEST(Session, WhatAHandlerThrowsConcernsOneRequestOnly) {
  Running running;
  RawClient client(running.port());
  EXPECT_EQ(client.ask("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n").status, 500);
  EXPECT_EQ(client.ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  running.expect_still_serving();
}

TEST(Session, DrainingEndsIdleConnectionsAndRefusesNewOnes) {
  Running running;
  RawClient idle(running.port()), half(running.port());
  EXPECT_EQ(idle.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  half.send("GET /half HTTP/1.1\r\n");
  EXPECT_EQ(idle.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);  // the half has arrived too
  running.server->drain();
  EXPECT_TRUE(idle.is_at_end());
  EXPECT_EQ(half.ask("Host: x\r\n\r\n").headers["connection"], "close");
  EXPECT_THROW(RawClient{running.port()}, std::runtime_error);
}

}  // namespace
}  // namespace boxoffice::server
