// Jain's index where its value is known: all alike, one who has it all, and what is no success.
#include "harness/fairness.hpp"

#include <gtest/gtest.h>

namespace boxoffice::harness {
namespace {

using namespace properties;

/// A history in which user i asks `asked[i]` times and gets the first `got[i]` of them.
History history_of(const std::vector<int>& asked, const std::vector<int>& got, int http = 201) {
  History history;
  for (std::size_t user = 0; user < asked.size(); ++user) {
    for (int i = 0; i < asked[user]; ++i) {
      Entry entry;
      entry.index = static_cast<std::int64_t>(history.entries.size());
      entry.process = static_cast<std::int64_t>(user);
      entry.f = Function::reserve;
      entry.in = {.user_id = 100 + static_cast<std::int64_t>(user), .quantity = 1};
      history.entries.push_back(entry);
      const bool success = i < got[user];
      entry.in = {};
      entry.type = success ? EntryType::ok : EntryType::fail;
      entry.out.http = success ? http : 0;
      history.entries.push_back(entry);
    }
  }
  return history;
}

double jain(const std::vector<int>& asked, const std::vector<int>& got) {
  return fairness_of(history_of(asked, got)).value().jain;
}

TEST(Fairness, is_one_where_all_got_the_same_number) {
  EXPECT_DOUBLE_EQ(jain({3, 3, 3}, {2, 2, 2}), 1);
  EXPECT_DOUBLE_EQ(jain({5, 1, 1}, {1, 1, 1}), 1);  // who asks more often is not owed more
}

TEST(Fairness, is_k_of_n_where_k_got_it_all) {
  EXPECT_DOUBLE_EQ(jain({4, 4, 4, 4}, {4, 0, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(jain({4, 4, 4, 4}, {2, 2, 0, 0}), 0.5);
}

TEST(Fairness, is_in_between_where_shares_differ) {
  EXPECT_DOUBLE_EQ(jain({3, 3}, {1, 3}), 16.0 / 20.0);
  EXPECT_EQ(fairness_of(history_of({3, 3}, {1, 3}))->users, 2);
}

TEST(Fairness, counts_no_reply_that_returns_ones_own_hold) {
  EXPECT_FALSE(fairness_of(history_of({2, 2}, {2, 2}, 200)));
}

TEST(Fairness, is_nothing_where_there_is_nobody_to_be_unfair_to) {
  EXPECT_FALSE(fairness_of(History{}));
  EXPECT_FALSE(fairness_of(history_of({3}, {2})));
  EXPECT_FALSE(fairness_of(history_of({3, 3}, {0, 0})));
}

}  // namespace
}  // namespace boxoffice::harness
