// Which faults there are, when they come, and what counts as a fault that proves something.
#include "harness/faults/fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/failure.hpp"
#include "properties/history_json.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Faults, AreNamedAndAllIsAllOfThem) {
  EXPECT_THAT(parse_faults({"partition", "kill-server"}),
              ElementsAre(FaultKind::partition, FaultKind::kill_server));
  EXPECT_EQ(parse_faults({"all"}).size(), 10U);
  EXPECT_THAT(parse_faults({}), IsEmpty());
  for (const FaultKind kind : parse_faults({"all"}))
    EXPECT_THAT(parse_faults({name_of(kind)}), ElementsAre(kind));
  try {
    parse_faults({"earthquake"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'earthquake'"));
    EXPECT_THAT(error.what(), HasSubstr("kill-database"));
  }
}

TEST(Faults, TheSeedDecidesWhenAndHowLong) {
  bool differs = false;
  for (const FaultKind kind : parse_faults({"all"})) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const FaultPlan plan = draw_fault(kind, seed), again = draw_fault(kind, seed);
      EXPECT_EQ(plan.kind, kind);
      EXPECT_EQ(plan.after, again.after);
      EXPECT_EQ(plan.length, again.length);
      differs = differs || plan.after != draw_fault(kind, seed + 1).after;
      // It begins, is over, and leaves time to see that all is well again.
      EXPECT_LT(plan.after + plan.length, load_with(kind) / 2);
    }
  }
  EXPECT_TRUE(differs);
}

using properties::Entry;
using properties::EntryType;
using properties::Fault;
using properties::Function;
using properties::History;

/// One reserve that succeeds between 10 and 20 ms, another between 50 and 60 ms.
History two_reserves() {
  History history;
  history.header.hold_us = 1'000'000;
  history.header.events = {{1, 10, 10, 0}};
  history.header.evidence.faults = 1;
  for (const std::int64_t n : {1, 2}) {
    Entry entry;
    entry.index = 2 * n;
    entry.process = n;
    entry.f = Function::reserve;
    entry.event_id = 1;
    entry.request_id = "r" + std::to_string(n);
    entry.in = {n, 1, 0};
    entry.t_ns = (n == 1 ? 10 : 50) * 1'000'000;
    history.entries.push_back(entry);
    entry.index += 1;
    entry.t_ns += 10'000'000;
    entry.type = EntryType::ok;
    entry.out = {201, properties::ReservationStatus::reserved, n, n, 1, 10 - n, n, {}};
    history.entries.push_back(entry);
  }
  return history;
}

std::vector<std::string> missing_with(const std::vector<Fault>& faults) {
  History history = two_reserves();
  history.faults = faults;
  return judge(history, std::nullopt).missing_evidence;
}

TEST(Faults, AFaultProvesSomethingWhereItLandedUnderLoadAndWasHealed) {
  const Fault good{"partition", 15'000'000, 40'000'000, 1, true, "7 bytes had to wait"};
  EXPECT_THAT(missing_with({good}), IsEmpty());
  EXPECT_THAT(missing_with({}), ElementsAre("0 of 1 faults took place"));
  Fault bad = good;
  bad.landed = false;
  bad.evidence = "the load ended before it";
  EXPECT_THAT(missing_with({bad}),
              ElementsAre("the fault partition did not land: the load ended before it"));
  bad = good;
  bad.in_flight = 0;
  EXPECT_THAT(missing_with({bad}), ElementsAre("the fault partition met no operation under way"));
  bad = good;
  bad.healed_ns = 55'000'000;
  EXPECT_THAT(missing_with({bad}), ElementsAre("nothing succeeded after partition was healed"));
}

TEST(Faults, AreReadFromAHistoryAsTheyWereWritten) {
  const History history = two_reserves();
  const Fault fault{"kill-server", 1, 2, 3, true, "the server ended with 137"};
  std::string text;
  append_line(text, history.header);
  append_line(text, fault);
  const auto read = properties::read_history(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->history.faults, ElementsAre(fault));
  EXPECT_EQ(read->history.header, history.header);
  for (const auto& [from, to] :
       {std::pair{"\"healed_ns\":2", "\"healed_ns\":0"}, std::pair{"\"kind\"", "\"sort\""}}) {
    std::string damaged = text;
    damaged.replace(damaged.rfind(from), std::string(from).size(), to);
    EXPECT_EQ(properties::read_history(damaged).error().line, 2) << to;
  }
}

}  // namespace
}  // namespace boxoffice::harness
