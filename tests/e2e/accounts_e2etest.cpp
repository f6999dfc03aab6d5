// Accounts as a client lives with them: register, log in, log out, and who is kept out.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Accounts : public ServerTest {
 protected:
  static std::string registration(const std::string& email, const std::string& more = {}) {
    return fmt::format(R"({{"name":"Ada","email":"{}","password":"correct horse"{}}})", email,
                       more);
  }
  static std::string login(const std::string& email, const std::string& password,
                           const std::string& more = {}) {
    return fmt::format(R"({{"email":"{}","password":"{}","device_name":"phone"{}}})", email,
                       password, more);
  }
};

TEST_F(Accounts, RegisterLogInBuyLogOut) {
  RunningServer server = serve();
  Client anyone = server.client();
  const Reply made = anyone.ask("POST", "/api/register", registration("ada@example.test"));
  ASSERT_EQ(201, made.status()) << made.raw.body;
  EXPECT_EQ("no-store", made.header("cache-control"));
  EXPECT_EQ("user", made.text("/user/role"));
  Client first = server.client(made.text("/token"));
  EXPECT_EQ("ada@example.test", first.ask("GET", "/api/user").text("/user/email"));
  EXPECT_EQ(201, first.reserve(1).status());

  const Reply in = anyone.ask("POST", "/api/login", login("Ada@example.test", "correct horse"));
  ASSERT_EQ(200, in.status()) << in.raw.body;
  const std::string token = in.text("/token");
  Client second = server.client(token);
  EXPECT_EQ(200, second.reserve(1).status()) << "the same user's hold";
  EXPECT_EQ(2U, second.ask("GET", "/api/tokens").body.at("data").as_array().size());
  EXPECT_EQ(204, second.ask("POST", "/api/logout").status());
  EXPECT_EQ(401, second.ask("GET", "/api/user").status()) << "at once on this instance";
  EXPECT_EQ(200, first.ask("GET", "/api/user").status());
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM personal_access_tokens WHERE user_id ="
                           " (SELECT id FROM users WHERE email = 'ada@example.test')"));
  EXPECT_THAT(server.program().err(), Not(HasSubstr("correct horse")));
  EXPECT_THAT(server.program().err(), Not(HasSubstr(token.substr(token.find('|') + 1))));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM users WHERE email = 'ada@example.test' AND"
                           " password LIKE '$argon2id$%'"));
}

TEST_F(Accounts, WhoIsNotLetIn) {
  RunningServer server = serve({"--rate-limit-logins", "0"});
  Client anyone = server.client();
  ASSERT_EQ(201, anyone.ask("POST", "/api/register", registration("ada@example.test")).status());
  const Reply taken = anyone.ask("POST", "/api/register", registration("ADA@example.test"));
  EXPECT_EQ(422, taken.status());
  EXPECT_EQ("email_taken", taken.text("/code"));
  const Reply wrong = anyone.ask("POST", "/api/login", login("ada@example.test", "wrong"));
  const Reply nobody = anyone.ask("POST", "/api/login", login("eve@example.test", "wrong"));
  EXPECT_EQ(401, wrong.status());
  EXPECT_EQ("invalid_credentials", wrong.text("/code"));
  EXPECT_EQ(wrong.text("/detail"), nobody.text("/detail"));
  EXPECT_EQ(401, anyone.ask("POST", "/api/login", login("user2@example.test", "!")).status())
      << "a seeded user has no password";
  const Reply missing = anyone.ask("POST", "/api/login", R"({"email":"ada@example.test"})");
  EXPECT_EQ(422, missing.status());
  EXPECT_THAT(missing.raw.body, HasSubstr("device_name"));
  const Reply keyed = anyone.ask("POST", "/api/login", login("ada@example.test", "correct horse"),
                                 "Idempotency-Key: k\r\n");
  EXPECT_EQ(422, keyed.status()) << "its reply would have to be kept, with the token in it";
}

/// Whether these bytes are anywhere in what the process may write: its heap, stacks and data.
bool is_in_memory(pid_t pid, const std::string& secret) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  std::ifstream memory(fmt::format("/proc/{}/mem", pid), std::ios::binary);
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
    if (!rights.starts_with("rw")) continue;
    std::string bytes(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (bytes.find(secret) != std::string::npos) return true;
  }
  return false;
}

TEST_F(Accounts, NoPasswordStaysInMemory) {
  RunningServer server = serve({"--pool", "1", "--password-threads", "1"});
  const pid_t pid = server.program().pid();
  const auto is_gone = [&](const std::string& secret) {
    return eventually([&] { return !is_in_memory(pid, secret); }, 2s);
  };
  ASSERT_TRUE(is_in_memory(pid, "BOXOFFICE_DATABASE=")) << "the environment is: it is looked at";
  Client anyone = server.client();  // whose connection stays open
  const Reply made = anyone.ask(
      "POST", "/api/register",
      R"({"name":"Ada","email":"ada@example.test","password":"aquamarine-staple-4711"})");
  ASSERT_EQ(201, made.status());
  EXPECT_TRUE(is_gone("aquamarine-staple-4711"));
  EXPECT_EQ(
      401,
      anyone.ask("POST", "/api/login", login("ada@example.test", "topaz-staple-0815")).status());
  EXPECT_TRUE(is_gone("topaz-staple-0815"));
  EXPECT_EQ(
      422,
      anyone.ask("POST", "/api/login", login("ada@example.test", "garnet-staple-2342", R"(,"x":1)"))
          .status());
  EXPECT_TRUE(is_gone("garnet-staple-2342"));
}

TEST_F(Accounts, ATokenDoesWhatItsAbilitiesAllow) {
  RunningServer server = serve();
  Client anyone = server.client();
  ASSERT_EQ(201, anyone.ask("POST", "/api/register", registration("ada@example.test")).status());
  const Reply in = anyone.ask(
      "POST", "/api/login",
      login("ada@example.test", "correct horse", R"(,"abilities":["reservations:read"])"));
  Client reader = server.client(in.text("/token"));
  EXPECT_EQ(200, reader.ask("GET", "/api/reservations").status());
  const Reply refused = reader.reserve(1);
  EXPECT_EQ(403, refused.status());
  EXPECT_EQ("forbidden", refused.text("/code"));
  EXPECT_EQ(0, sql_.number("SELECT count(*) FROM reservations"));
}

// Whoever gets hold of a token that only reads cannot lock its owner out.
TEST_F(Accounts, ATokenThatMayDoLessThanAllEndsItselfOnly) {
  RunningServer server = serve();
  Client owner = server.client(tokens_[1]);
  const auto id = owner.ask("GET", "/api/tokens").number("/data/0/id");
  sql_.run(
      "UPDATE personal_access_tokens SET abilities = '[\"reservations:read\"]' WHERE id ="
      " (SELECT max(id) FROM personal_access_tokens)");
  Client reader = server.client(tokens_.back());
  const auto mine = reader.ask("GET", "/api/tokens").number("/data/0/id");
  for (const auto other : {id, mine + 1'000'000}) {
    const Reply refused = reader.ask("DELETE", fmt::format("/api/tokens/{}", other));
    EXPECT_EQ(403, refused.status());
    EXPECT_EQ("forbidden", refused.text("/code"));
  }
  EXPECT_EQ(200, owner.ask("GET", "/api/user").status());
  EXPECT_EQ(204, reader.ask("DELETE", fmt::format("/api/tokens/{}", mine)).status());
  EXPECT_EQ(401, reader.ask("GET", "/api/user").status());
}

// Nothing is known of a token before it was looked up, on whichever connection and after whomever.
TEST_F(Accounts, WhatATokenMayEndIsDecidedByThatTokenAlone) {
  RunningServer server = serve();
  const auto id = server.client(tokens_[1]).ask("GET", "/api/tokens").number("/data/0/id");
  sql_.run(
      fmt::format("UPDATE personal_access_tokens SET abilities = '[\"reservations:read\"]',"
                  " user_id = (SELECT user_id FROM personal_access_tokens WHERE id = {})"
                  " WHERE id = (SELECT max(id) FROM personal_access_tokens)",
                  id));
  const std::string& reader = tokens_.back();
  const auto path = fmt::format("/api/tokens/{}", id);
  EXPECT_EQ(403, server.client(reader).ask("DELETE", path).status()) << "its first request";
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM personal_access_tokens WHERE id = $1",
                           {std::to_string(id)}));

  Client shared = server.client();  // as a proxy's connection, which carries everybody's requests
  const auto ask_as = [&](const std::string& token, const std::string& request) {
    return shared.send(request + " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + token +
                       "\r\n\r\n");
  };
  EXPECT_EQ(200, ask_as(tokens_[1], "GET /api/user").status());
  EXPECT_EQ(403, ask_as(reader, "DELETE " + path).status()) << "after its owner's other token";
  EXPECT_EQ(204, ask_as(tokens_[1], "DELETE " + path).status()) << "after one that may do less";
}

TEST_F(Accounts, OthersTokensAreNotThere) {
  RunningServer server = serve();
  Client mine = server.client(tokens_[1]), other = server.client(tokens_[2]);
  const auto id = mine.ask("GET", "/api/tokens").number("/data/0/id");
  const auto path = fmt::format("/api/tokens/{}", id);
  EXPECT_EQ("token_not_found", other.ask("DELETE", path).text("/code"));
  EXPECT_EQ(404, mine.ask("DELETE", "/api/tokens/abc").status());
  EXPECT_EQ(204, mine.ask("DELETE", path).status());
  EXPECT_EQ(401, mine.ask("DELETE", path).status());
}

TEST_F(Accounts, UseOfATokenIsNotedWhenTheServerStopsAtTheLatest) {
  RunningServer server = serve({"--token-use-interval", "1h"});
  EXPECT_EQ(200, server.client(tokens_[1]).ask("GET", "/api/user").status());
  server.program().process().signal(SIGTERM);
  EXPECT_EQ(0, server.program().wait(15s).code);
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM personal_access_tokens"
                           " WHERE last_used_at IS NOT NULL"));
}

}  // namespace
}  // namespace boxoffice::tests
