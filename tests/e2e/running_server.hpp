// boxoffice-server against a private database of the test's own, and a client that speaks to it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/database/private_postgresql.hpp"
#include "harness/database/sql.hpp"
#include "tests/e2e/program.hpp"
#include "tests/server/raw_client.hpp"

namespace boxoffice::tests {

using server::test::RawClient;
using server::test::RawReply;

/// A reply, its body parsed; `raw.status` is 0 where the connection ended without one.
struct Reply {
  RawReply raw;
  boost::json::value body;

  int status() const { return raw.status; }
  /// A header by its name in lower case; empty where it is not there.
  std::string header(const std::string& name) const;
  /// "/reservation/id"; throws where there is nothing.
  std::int64_t number(const std::string& pointer) const;
  std::string text(const std::string& pointer) const;
};

/// One user at one connection, opened again where the server closed it.
class Client {
 public:
  explicit Client(std::uint16_t port, std::string token = {});
  Reply ask(const std::string& method, const std::string& path, const std::string& body = {},
            const std::string& header = {});
  /// Bytes as they are.
  Reply send(const std::string& bytes);
  Reply reserve(std::int64_t event, std::int64_t quantity = 1);
  Reply purchase(std::int64_t reservation);
  Reply cancel(std::int64_t reservation);

 private:
  std::uint16_t port_;
  std::string token_;
  std::unique_ptr<RawClient> connection_;
};

/// The server, started and listening: on a port of the system's choice where `flags` say none.
class RunningServer {
 public:
  RunningServer(const Workspace& workspace, const std::string& database_url,
                const std::vector<std::string>& flags = {},
                const std::string& name = "boxoffice-server");
  std::uint16_t port() const { return port_; }
  /// Of one that was started with --operations-port.
  std::uint16_t operations_port() const;
  Program& program() { return *program_; }
  Client client(const std::string& token = {}) const { return Client(port_, token); }

 private:
  std::unique_ptr<Program> program_;
  std::uint16_t port_ = 0;
};

inline constexpr std::int64_t k_seeded_tickets = 1000;

/// available + what is held and purchased is the total, in every event.
void expect_nothing_oversold(harness::Sql& sql);

/// A fresh database for each test: migrated and seeded by boxoffice-server itself, once, then
/// copied. `tokens[0]` is the administrator's.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest();
  std::int64_t add_event(std::int64_t tickets);
  RunningServer serve(const std::vector<std::string>& flags = {}) {
    return RunningServer(workspace_, url_, flags);
  }
  void expect_nothing_oversold() { tests::expect_nothing_oversold(sql_); }

  Workspace workspace_;
  std::vector<std::string> tokens_;
  std::string url_;
  harness::Sql sql_;
};

/// Started at first use, ended with the program.
harness::PrivatePostgresql& shared_postgresql();
/// Migrates and seeds `url`; returns the tokens in the order of the users' ids.
std::vector<std::string> prepare_database(const Workspace& workspace, const std::string& url);

}  // namespace boxoffice::tests
