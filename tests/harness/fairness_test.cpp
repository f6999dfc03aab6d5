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

/// 100 users whom the strategy served one after the other, each within a millisecond, and one who
/// asks from `asked_ms` on without an answer until the end, at 200 ms.
History history_with_one_pending(std::int64_t asked_ms) {
  History history = history_of(std::vector<int>(101, 1), std::vector<int>(101, 1));
  for (Entry& entry : history.entries) entry.t_ns = entry.index * 1'000'000;
  history.entries.resize(200);
  for (const EntryType type : {EntryType::invoke, EntryType::fail}) {
    Entry entry = history.entries.front();
    entry.type = type;
    entry.process = 999;
    entry.in.user_id = type == EntryType::invoke ? 999 : 0;
    entry.t_ns = (type == EntryType::invoke ? asked_ms : 200) * 1'000'000;
    if (type == EntryType::fail) entry.error = {"retries_exhausted", 503, ""};
    history.entries.push_back(entry);
  }
  return history;
}

TEST(Fairness, counts_nobody_whom_the_end_of_the_run_cut_off) {
  const auto late = fairness_of(history_with_one_pending(190));
  EXPECT_DOUBLE_EQ(late->jain, 1);
  EXPECT_EQ(late->users, 100);
}

TEST(Fairness, counts_who_asked_for_half_of_the_run_and_got_no_answer) {
  const auto early = fairness_of(history_with_one_pending(20));
  EXPECT_LT(early->jain, 1);
  EXPECT_EQ(early->users, 101);
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
