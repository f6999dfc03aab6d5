// Users and tokens on every product: an address is taken once, a token is its owner's alone.
#include "strategies/accounts.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "strategies/catalogue.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;
using ::testing::SizeIs;

class Accounts : public ProductTest {
 protected:
  NewToken token(char digit, std::chrono::microseconds lifetime = {}) {
    return {"phone", std::string(64, digit), R"(["*"])", lifetime};
  }
  std::unique_ptr<Connection> connection_ = connect();
};

INSTANTIATE_TEST_SUITE_P(On, Accounts, ::testing::ValuesIn(products()), product_of);

TEST_P(Accounts, ARegisteredUserIsFoundByTheAddressAndTheToken) {
  const auto made =
      register_user(*connection_, {"Ada", "ada@example.test", "hash"}, token('a')).value();
  EXPECT_EQ(made.user.name, "Ada");
  EXPECT_EQ(made.user.role, "user");
  const auto login = find_login(*connection_, "ada@example.test");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->password_hash, "hash");
  EXPECT_EQ(login->user.id, made.user.id);
  EXPECT_EQ(find_user(*connection_, made.user.id)->email, "ada@example.test");
  EXPECT_FALSE(find_login(*connection_, "eve@example.test"));
  const std::vector<TokenId> ids = {made.token};
  const auto tokens = find_tokens(*connection_, ids);
  ASSERT_THAT(tokens, SizeIs(1));
  EXPECT_EQ(tokens[0].user_id, made.user.id);
  EXPECT_EQ(tokens[0].sha256_hex, std::string(64, 'a'));
  EXPECT_EQ(tokens[0].abilities, R"(["*"])");
  EXPECT_FALSE(tokens[0].expired);
}

TEST_P(Accounts, AnAddressIsTakenOnceWhoeverAsksAtTheSameTime) {
  std::atomic<int> made = 0, taken = 0;
  std::vector<std::jthread> rivals;
  for (char digit = '1'; digit <= '4'; ++digit) {
    rivals.emplace_back([&, digit] {
      const auto mine = connect();
      const auto result = register_user(*mine, {"Ada", "ada@example.test", "hash"}, token(digit));
      if (result) ++made;
      if (result.has_error() && result.error().code == RefusalCode::email_taken) ++taken;
    });
  }
  rivals.clear();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(sql_.number("SELECT count(*) FROM personal_access_tokens"), 1)
      << "who was refused leaves no token";
}

TEST_P(Accounts, TokensAreListedAndDeletedByTheirOwnerOnly) {
  const auto ada =
      register_user(*connection_, {"Ada", "ada@example.test", "hash"}, token('a')).value();
  const auto eve =
      register_user(*connection_, {"Eve", "eve@example.test", "hash"}, token('e')).value();
  const TokenId second = add_token(*connection_, ada.user.id, token('b', 1h));
  const auto listed = list_tokens(*connection_, ada.user.id);
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_EQ(listed[0].id, second) << "the newest first";
  ASSERT_TRUE(listed[0].expires_at);
  const auto lifetime = *listed[0].expires_at - listed[0].created_at;
  EXPECT_LT(lifetime < 1h ? 1h - lifetime : lifetime - 1h, 10s);
  EXPECT_FALSE(listed[1].expires_at);
  EXPECT_FALSE(delete_token(*connection_, eve.user.id, second));
  EXPECT_TRUE(delete_token(*connection_, ada.user.id, second));
  EXPECT_FALSE(delete_token(*connection_, ada.user.id, second));
  EXPECT_THAT(list_tokens(*connection_, ada.user.id), SizeIs(1));
}

TEST_P(Accounts, UseIsNotedOfThoseThatWereUsed) {
  const auto ada =
      register_user(*connection_, {"Ada", "ada@example.test", "hash"}, token('a')).value();
  const TokenId used = add_token(*connection_, ada.user.id, token('b'));
  const TokenId also = add_token(*connection_, ada.user.id, token('c'));
  note_tokens_used(*connection_, {used, also});
  const auto listed = list_tokens(*connection_, ada.user.id);
  ASSERT_THAT(listed, SizeIs(3));
  EXPECT_TRUE(listed[0].last_used_at);
  EXPECT_TRUE(listed[1].last_used_at);
  EXPECT_FALSE(listed[2].last_used_at);
}

TEST_P(Accounts, ATokenPastItsLifetimeIsExpired) {
  const auto ada =
      register_user(*connection_, {"Ada", "ada@example.test", "hash"}, token('a', 1us)).value();
  const std::vector<TokenId> ids = {ada.token};
  EXPECT_TRUE(find_tokens(*connection_, ids).at(0).expired);
}

TEST_P(Accounts, ADayAfterItsEndATokenIsForgotten) {
  const auto ada =
      register_user(*connection_, {"Ada", "ada@example.test", "hash"}, token('a')).value();
  add_token(*connection_, ada.user.id, token('b', 1h));
  const TokenId ended = add_token(*connection_, ada.user.id, token('c', 1h));
  const auto end = [&](std::string_view hours) {
    sql_.run(fmt::format(fmt::runtime(sql_for("UPDATE personal_access_tokens SET expires_at ="
                                              " now() - interval '{} hours' WHERE id = {}",
                                              "UPDATE personal_access_tokens SET expires_at ="
                                              " NOW(6) - INTERVAL {} HOUR WHERE id = {}")),
                         hours, ended.value));
  };
  end("23");
  EXPECT_EQ(prune_tokens(*connection_), 0);
  EXPECT_THAT(list_tokens(*connection_, ada.user.id), SizeIs(3));
  end("25");
  EXPECT_EQ(prune_tokens(*connection_), 1);
  EXPECT_THAT(list_tokens(*connection_, ada.user.id), SizeIs(2));
}

}  // namespace boxoffice::tests
