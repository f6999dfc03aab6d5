// A target's address; event ids as they are typed: exact numbers, or texts where an adapter is
// given; what its events show after a load.
#include "harness/target.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/failure.hpp"
#include "harness/process/keeper.hpp"
#include "harness/run_directory.hpp"
#include "properties/history_json.hpp"
#include "tests/documented.hpp"
#include "tests/harness/load/scripted_server.hpp"

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string refusal_of(const std::string& target) {
  try {
    load::LoadPlan plan;
    set_target(plan, target, "");
    return plan.target;
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(TargetAddress, HasNoPath) {
  for (const char* good :
       {"http://127.0.0.1:8080", "https://shop.example", "http://[::1]:80/", "unix:/run/shop.sock"})
    EXPECT_EQ(refusal_of(good), good);
  EXPECT_THAT(refusal_of("http://127.0.0.1:8080/shop"), HasSubstr("http://127.0.0.1:8080 only"));
  EXPECT_THAT(refusal_of("https://shop.example/api/"), HasSubstr("without '/api/'"));
  EXPECT_THAT(refusal_of("http://shop.example?a=b"), HasSubstr("--adapter"));
}

class EventIds : public ::testing::Test {
 protected:
  EventIds() { write_file(adapter_, tests::documented_toml("adapters.md")); }
  ~EventIds() override { std::filesystem::remove(adapter_); }

  static load::LoadPlan plan_with(const std::string& adapter,
                                  const std::vector<std::string>& events) {
    load::LoadPlan plan;
    set_api(plan, adapter, events);
    return plan;
  }
  static std::string refusal(const std::string& adapter, const std::vector<std::string>& events) {
    try {
      plan_with(adapter, events);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "not refused";
  }

  const std::string adapter_ = ::testing::TempDir() + "event_ids_" + std::to_string(getpid());
};

TEST_F(EventIds, AreExact) {
  for (const std::string& adapter : {std::string(), adapter_}) {
    const load::LoadPlan plan =
        plan_with(adapter, {"9007199254740993", "9223372036854775807", "0", "7"});
    EXPECT_THAT(plan.events, ElementsAre(9007199254740993, 9223372036854775807, 0, 7));
    EXPECT_FALSE(plan.event_texts);
  }
}

TEST_F(EventIds, AreNoCounts) {
  for (const char* text : {"12K", "007", "1e3", "1.0", "-1", "+1", " 1", "9223372036854775808"}) {
    EXPECT_THAT(refusal("", {text}), HasSubstr("is not the number of an event"));
    const load::LoadPlan plan = plan_with(adapter_, {text});
    ASSERT_TRUE(plan.event_texts) << text;
    EXPECT_EQ(plan.event_texts->written(plan.events.at(0)).text, text);
  }
}

TEST_F(EventIds, AreThereOnce) {
  EXPECT_EQ(refusal("", {"7", "8", "7"}), "--events: '7' is there twice");
  EXPECT_EQ(refusal(adapter_, {"7", "7"}), "--events: '7' is there twice");
  EXPECT_EQ(refusal(adapter_, {"hall-a", "hall-b", "hall-a"}), "--events: 'hall-a' is there twice");
  EXPECT_EQ(refusal(adapter_, {"7", "007"}), "not refused") << "two texts are two events";
}

/// Event 7 of 10 tickets: how many are left, by how many requests there were; below 0: it is away.
load::ScriptedServer::Script shows(std::function<int(int)> left_at) {
  return [left_at](const load::ReceivedRequest& request) -> load::ScriptedReply {
    const int left = left_at(request.overall);
    if (left < 0) return {load::http_reply(503, R"({"code":"unavailable"})")};
    return {load::http_reply(
        200, fmt::format(R"({{"event":{{"id":7,"total_tickets":10,"available_tickets":{},)"
                         R"("version":{}}}}})",
                         left, 10 - left))};
  };
}

load::LoadPlan plan_for(const load::ScriptedServer& server) {
  load::LoadPlan plan;
  plan.target = server.target();
  plan.events = {7};
  return plan;
}

TEST(StandsStill, OnceWhatWasGivenUpHasTakenEffect) {
  load::ScriptedServer server(shows([](int request) { return request < 4 ? 9 - request : 5; }));
  EXPECT_TRUE(stands_still(plan_for(server), 200ms, 10s));
  EXPECT_THAT(server.requests(), SizeIs(::testing::Gt(5U))) << "it looks again after a change";
}

TEST(StandsStill, WhereHoldsEndAndTheLoadOnlyReserves) {
  const auto rising = [](int request) { return request; };
  load::ScriptedServer expiring(shows(rising)), again(shows(rising));
  load::LoadPlan plan = plan_for(expiring);
  plan.mix = {.reserve = 1};
  EXPECT_TRUE(stands_still(plan, 200ms, 10s));
  plan = plan_for(again);
  plan.mix = {.reserve = 1, .cancel = 1};
  EXPECT_FALSE(stands_still(plan, 200ms, 500ms)) << "that may be a cancel which came late";
}

TEST(StandsStill, NotWhereItChangesOrDoesNotSay) {
  load::ScriptedServer restless(shows([](int request) { return request % 2; }));
  EXPECT_FALSE(stands_still(plan_for(restless), 200ms, 500ms));
  load::ScriptedServer silent(shows([](int) { return -1; }));
  EXPECT_FALSE(stands_still(plan_for(silent), 200ms, 500ms));
}

TEST(NoteCapacities, LeavesAHistoryThatWasCutOffAsItIs) {
  load::ScriptedServer server(shows([](int) { return 3; }));
  const TemporaryDirectory directory(temporary_root(), "capacities");
  load::LoadPlan plan = plan_for(server);
  plan.history_path = directory.path() / "history.jsonl";
  write_client_header(plan, 1s, "written");
  const std::string header = read_file(plan.history_path);
  note_capacities(plan);
  const auto whole = properties::read_history(read_file(plan.history_path));
  ASSERT_TRUE(whole);
  EXPECT_THAT(whole->history.capacities, SizeIs(1));
  write_file(plan.history_path, header + R"({"index":0,"t_n)");
  note_capacities(plan);
  EXPECT_EQ(header + R"({"index":0,"t_n)", read_file(plan.history_path));
}

}  // namespace
}  // namespace boxoffice::harness
