// A target's address, and event ids as they are typed: exact numbers, or texts where an adapter is
// given.
#include "harness/target.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "tests/documented.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace boxoffice::harness
