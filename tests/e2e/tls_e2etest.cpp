// The public port with TLS: what is spoken and what is refused, clients that are slow or speak
// something else, a certificate that is renewed, the end, and a load over https with its verdict.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <ctime>
#include <fstream>

#include "tests/certificates.hpp"
#include "tests/e2e/harness_run.hpp"
#include "tests/e2e/running_server.hpp"
#include "tests/e2e/tls_client.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsPort : public ServerTest {
 protected:
  TlsPort() : files_(workspace_.path()), authority_(files_, "ours") { install(issue("first")); }

  Issued issue(const std::string& name, int days = 90) const {
    return authority_.issue(name, "IP:127.0.0.1", days);
  }
  /// Where the server looks for them.
  void install(const Issued& issued) const {
    const auto over = fs::copy_options::overwrite_existing;
    fs::copy_file(issued.certificate, certificate(), over);
    fs::copy_file(issued.key, key(), over);
  }
  fs::path certificate() const { return files_ / "server.pem"; }
  fs::path key() const { return files_ / "server.key"; }
  RunningServer serve_tls(std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--tls-certificate", certificate().string(), "--tls-key",
                               key().string(), "--operations-port", "0"});
    return serve(flags);
  }
  TlsClient connect(const RunningServer& server, const Offer& offer = {}) const {
    return {server.port(), authority_.certificate(), offer};
  }
  static double metric(const RunningServer& server, const std::string& name,
                       const std::map<std::string, std::string>& labels = {}) {
    const Reply reply = Client(server.operations_port()).ask("GET", "/metrics");
    return MetricsText(reply.raw.body).value(name, labels);
  }
  static bool hang_up(RunningServer& server, const std::string& text) {
    server.program().process().signal(SIGHUP);
    return eventually([&] { return server.program().err().find(text) != std::string::npos; });
  }
  std::string bearer(std::size_t user) const {
    return "Authorization: Bearer " + tokens_[user] + "\r\n";
  }
  Ran check(const std::string& certificate, const std::string& key) const {
    return run_program(
        workspace_, "boxoffice-server",
        {"--check-config", "--database", url_, "--tls-certificate", certificate, "--tls-key", key});
  }

  fs::path files_;
  Authority authority_;
};

TEST_F(TlsPort, SpeaksHttp11OverTls12And13) {
  RunningServer server = serve_tls();
  EXPECT_TRUE(eventually([&] {  // it says so once the port's file is there
    return server.program().out().starts_with("listening on https://127.0.0.1:");
  })) << server.program().out();
  for (const auto& [version, name] :
       {std::pair{TLS1_2_VERSION, "TLSv1.2"}, std::pair{TLS1_3_VERSION, "TLSv1.3"}}) {
    TlsClient client = connect(server, {.version_max = version});
    ASSERT_TRUE(client.done()) << name;
    EXPECT_EQ(name, client.version());
    EXPECT_EQ("http/1.1", client.protocol());
    EXPECT_EQ(200, client.ask("GET", "/api/events").status());
    EXPECT_EQ(version == TLS1_2_VERSION ? 201 : 200,
              client.ask("POST", "/api/events/1/reserve", bearer(1)).status())
        << "the second time it is the same user's hold";
    const std::string large = "{\"name\":\"" + std::string(60'000, 'x') + "\"}";
    EXPECT_EQ(
        422,
        client.ask("POST", "/api/register", "Content-Type: application/json\r\n", large).status());
    EXPECT_EQ(413, client.ask("POST", "/api/register", "", std::string(70'000, 'x')).status());
    EXPECT_TRUE(client.is_told_the_end());
  }
  EXPECT_EQ(2, metric(server, "boxoffice_tls_handshakes_total", {{"result", "success"}}));
  EXPECT_EQ(0, metric(server, "boxoffice_tls_handshakes_total", {{"result", "failed"}}));
  const double days = (metric(server, "boxoffice_tls_certificate_not_after_timestamp_seconds") -
                       static_cast<double>(std::time(nullptr))) /
                      86400;
  EXPECT_NEAR(90, days, 1.1);
}

TEST_F(TlsPort, OldVersionsWeakCiphersAndOtherProtocolsAreRefused) {
  RunningServer server = serve_tls();
  const Offer old{.version_max = TLS1_1_VERSION, .ciphers = "DEFAULT@SECLEVEL=0"};
  const Offer weak{.version_max = TLS1_2_VERSION, .ciphers = "AES128-SHA:AES256-GCM-SHA384"};
  const Offer other{.protocols = std::string("\x02h2", 3)};
  for (const Offer& offer : {old, weak, other}) EXPECT_FALSE(connect(server, offer).done());
  EXPECT_EQ(3, metric(server, "boxoffice_tls_handshakes_total", {{"result", "failed"}}));
  EXPECT_TRUE(connect(server).done());
}

TEST_F(TlsPort, HttpOnTheWrongPortIsAnswered) {
  RunningServer server = serve_tls({"--log-level", "debug"});
  RawClient plain(server.port());
  const auto told = plain.ask("GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(400, told.status);
  EXPECT_THAT(told.body, HasSubstr("This port speaks HTTPS"));
  EXPECT_TRUE(plain.is_at_end());
  EXPECT_FALSE(TlsClient(server.operations_port(), authority_.certificate()).done())
      << "the operations port is plain";
  EXPECT_TRUE(eventually([&] {
    return server.program().err().find(
               R"("Handshake failed","peer":"127.0.0.1","what":"http req)") != std::string::npos;
  }));
  EXPECT_TRUE(connect(server).done());
}

TEST_F(TlsPort, ASlowHandshakeEndsInTimeAndCountsAsAConnection) {
  RunningServer server = serve_tls({"--header-timeout", "300ms", "--connections", "3"});
  TlsClient idle = connect(server);
  ASSERT_TRUE(idle.done());
  const auto begun = std::chrono::steady_clock::now();
  RawClient silent(server.port()), half(server.port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  EXPECT_TRUE(RawClient(server.port()).is_at_end()) << "one too many: three are open";
  EXPECT_TRUE(silent.is_at_end());
  EXPECT_TRUE(half.is_at_end());
  const auto taken = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(taken, 250ms);
  EXPECT_LE(taken, 5s);
  RawClient dripping(server.port());
  dripping.send(std::string("\x16\x03\x01\x40\x00", 5));
  EXPECT_TRUE(eventually([&] { return !dripping.send("x"); })) << "a byte now and then is no help";
  EXPECT_EQ(2, metric(server, "boxoffice_tls_handshakes_total", {{"result", "failed"}}))
      << "who says nothing is no failure: balancers look at ports that way";
  EXPECT_EQ(200, idle.ask("GET", "/api/events").status()) << "idle is another timeout";
}

TEST_F(TlsPort, SighupServesTheRenewedCertificate) {
  RunningServer server = serve_tls();
  TlsClient before = connect(server);
  EXPECT_EQ("first", before.certificate());
  install(issue("second"));
  ASSERT_TRUE(hang_up(server, R"("message":"Certificate read again","not_after":"2)"));
  EXPECT_EQ("second", connect(server).certificate());
  EXPECT_EQ(200, before.ask("GET", "/api/events").status()) << "it keeps what it began with";
  EXPECT_THAT(server.program().err(), Not(HasSubstr("expires")));
  install(issue("third", 5));
  ASSERT_TRUE(hang_up(server, R"("message":"Certificate expires soon")"));
  EXPECT_EQ("third", connect(server).certificate());
}

TEST_F(TlsPort, AWrongNewCertificateLeavesTheOldOneInEffect) {
  RunningServer server = serve_tls();
  const auto expect_kept = [&](const std::string& mistake) {
    ASSERT_TRUE(hang_up(server, mistake)) << mistake << '\n' << server.program().err();
    EXPECT_THAT(server.program().err(),
                HasSubstr(R"("message":"Certificate has a mistake: the old one stays in effect")"));
    EXPECT_EQ("first", connect(server).certificate()) << mistake;
  };
  const auto key_text = text_of(key());
  const Issued second = issue("second");
  fs::copy_file(second.key, key(), fs::copy_options::overwrite_existing);
  expect_kept("does not belong to the certificate");
  install(issue("expired", -1));
  expect_kept(" expired on ");
  std::ofstream(certificate()) << "-----BEGIN CERTIFICATE-----\nbm90\n";
  expect_kept("holds no certificate");
  fs::remove(key());
  fs::copy_file(second.certificate, certificate(), fs::copy_options::overwrite_existing);
  expect_kept("server.key: No such file");
  const auto secret = key_text.substr(key_text.find('\n') + 1, 40);
  EXPECT_THAT(server.program().err(), Not(HasSubstr(secret)));
}

TEST_F(TlsPort, SigtermEndsIdleOnesAndHandshakesAndAnswersTheRest) {
  RunningServer server = serve_tls({"--drain", "20s"});
  TlsClient idle = connect(server), half = connect(server);
  RawClient silent(server.port());
  EXPECT_EQ(200, half.ask("GET", "/api/events").status());
  half.send("GET /api/events HTTP/1.1\r\n");
  EXPECT_TRUE(eventually([&] { return metric(server, "boxoffice_http_connections") >= 3; }));
  server.program().process().signal(SIGTERM);
  EXPECT_TRUE(idle.is_told_the_end());
  EXPECT_TRUE(silent.is_at_end());
  half.send("Host: x\r\n\r\n");
  const Reply last = half.read_reply();
  EXPECT_EQ(200, last.status());
  EXPECT_EQ("close", last.header("connection"));
  EXPECT_TRUE(half.is_told_the_end());
  EXPECT_EQ(0, server.program().wait(10s).code);
}

TEST_F(TlsPort, WhatIsWrongWithTheFilesIsOneLine) {
  const Issued other = issue("other"), expired = issue("expired", -1), soon = issue("soon", 5);
  const auto expect_wrong = [&](const Ran& ran, const std::string& why) {
    EXPECT_EQ(64, ran.code) << ran.out << ran.err;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(why));
  };
  const auto good = certificate().string(), its_key = key().string();
  EXPECT_EQ("configuration is valid\n", check(good, its_key).out);
  EXPECT_EQ("", check(good, its_key).err);
  expect_wrong(check("/not/there.pem", its_key), "cannot read /not/there.pem: No such file");
  expect_wrong(check(good, "/not/there.key"), "cannot read /not/there.key: No such file");
  expect_wrong(check(its_key, its_key), "server.key holds no certificate in PEM form");
  expect_wrong(check(good, good), "server.pem holds no private key in PEM form");
  expect_wrong(check(good, other.key.string()),
               "ours.other.key does not belong to the certificate of");
  expect_wrong(check(expired.certificate.string(), expired.key.string()), " expired on 20");
  const Ran warned = check(soon.certificate.string(), soon.key.string());
  EXPECT_EQ(0, warned.code);
  EXPECT_THAT(warned.err, HasSubstr("boxoffice-server: warning: the certificate of "));
  EXPECT_EQ(1U, count_lines(warned.err));
  const auto run = [&](const std::vector<std::string>& flags) {
    return run_program(workspace_, "boxoffice-server", flags);
  };
  expect_wrong(run({"--database", url_, "--tls-certificate", good}), "one without the other");
  expect_wrong(
      run({"--database", url_, "--port", "0", "--tls-certificate", good, "--tls-key", good}),
      "holds no private key");
  const Ran printed =
      run({"--print-config", "--database", url_, "--tls-certificate", good, "--tls-key", its_key});
  EXPECT_THAT(printed.out, HasSubstr("\ntls_key = '" + its_key + "'\n"));
  EXPECT_THAT(printed.out, Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(TlsPort, AnExpiredCertificateIsServedAndSaid) {
  install(issue("expired", -1));
  RunningServer server = serve_tls();
  EXPECT_THAT(server.program().err(), HasSubstr(R"("message":"Certificate has expired")"));
  EXPECT_FALSE(connect(server).done()) << "a client that looks at it refuses";
}

TEST_F(TlsPort, ALoadOverHttpsKeepsItsVerdict) {
  RunningServer server = serve_tls();
  std::ofstream tokens(workspace_.path() / "tokens");
  for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
  tokens.close();
  auto event = std::to_string(add_event(1'000'000));
  const auto run = [&](std::vector<std::string> arguments, std::uint16_t port) {
    arguments.insert(arguments.end(), {"--target", fmt::format("https://127.0.0.1:{}", port),
                                       "--tokens", "tokens", "--events", event, "-c", "4"});
    return run_program(workspace_, "boxoffice", arguments);
  };
  const auto trusting = authority_.certificate().string();
  const Ran loaded = run({"load", "-d", "500ms", "--cancel", "1", "--ca", trusting}, server.port());
  expect_code_or_saturated(loaded, 0);
  EXPECT_THAT(loaded.out, HasSubstr("verdict from the clients' view: pass"));
  event = std::to_string(add_event(6));  // few enough to be sold out
  const Ran verified =
      run({"verify", "--time", "800ms", "--ca", trusting, "--audit-database", url_}, server.port());
  EXPECT_EQ(0, verified.code) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("PASS: https://127.0.0.1:"));
  expect_nothing_oversold();
  const auto expect_refusal = [&](const Ran& ran, const std::string& why) {
    EXPECT_EQ(64, ran.code) << ran.out;
    EXPECT_EQ(1U, count_lines(ran.err)) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(why));
  };
  expect_refusal(run({"load"}, server.port()), "not from an authority that is trusted (--ca FILE");
  expect_refusal(run({"verify", "--ca", "/not/there"}, server.port()), "--ca: cannot read");
  expect_refusal(run({"load", "--ca", key().string()}, server.port()), "holds no certificate");
  expect_refusal(run({"load", "--ca", trusting}, server.operations_port()), "no TLS came about");
  install(authority_.issue("elsewhere", "DNS:elsewhere.example"));
  ASSERT_TRUE(hang_up(server, "Certificate read again"));
  expect_refusal(run({"load", "--ca", trusting}, server.port()), "is for another host name");
}

// 0.0.0.0 leads to this machine, but is no name of it.
TEST_F(TlsPort, ADatabaseElsewhereWithoutTlsIsAWarning) {
  const auto port = shared_postgresql().port();
  const auto url = [&](const char* host) {
    return fmt::format("postgresql://postgres@{}:{}/{}", host, port,
                       sql_.text("SELECT current_database()"));
  };
  const std::string warning = R"("message":"The way to the database may not be encrypted")";
  RunningServer elsewhere(workspace_, url("0.0.0.0"));
  EXPECT_THAT(elsewhere.program().err(), HasSubstr(warning));
  RunningServer here(workspace_, url("127.0.0.1"));
  EXPECT_THAT(here.program().err(), Not(HasSubstr(warning)));
}

}  // namespace
}  // namespace boxoffice::tests
