// What is counted, and the text that comes of it.
#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "memory_strategy.hpp"
#include "metrics_text.hpp"
#include "server/hot_events.hpp"
#include "server/measured_strategy.hpp"
#include "server/metric_families.hpp"
#include "server/process_figures.hpp"
#include "server/request_counts.hpp"
#include "strategies/database.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;
using namespace std::chrono_literals;
using tests::MetricsText;

TEST(Metrics, ABucketHoldsWhatIsAtMostItsBound) {
  LatencyHistogram histogram;
  for (const auto time : {500us, 501us, 200'000us, 200'001us, 11'000'000us}) {
    histogram.observe(time);
  }
  MetricFamilies families("atomic");
  families.histogram("x_seconds", "Times.", histogram);
  const MetricsText text(families.text());
  const auto up_to = [&](const char* bound) {
    return text.value("x_seconds_bucket", {{"le", bound}});
  };
  EXPECT_EQ(1, up_to("0.0005"));
  EXPECT_EQ(2, up_to("0.001"));
  EXPECT_EQ(2, up_to("0.1"));
  EXPECT_EQ(3, up_to("0.2"));
  EXPECT_EQ(4, up_to("0.3"));
  EXPECT_EQ(4, up_to("10"));
  EXPECT_EQ(5, up_to("+Inf"));
  EXPECT_EQ(5, text.value("x_seconds_count", {{"strategy", "atomic"}}));
  EXPECT_NEAR(11.401002, text.value("x_seconds_sum"), 1e-9);
}

TEST(Metrics, WhatALabelSaysIsEscaped) {
  MetricFamilies families({});
  families.counters("x_total", "A text.");
  families.value({{"text", "a \"b\" \\ \n"}}, std::int64_t{3});
  const MetricsText text(families.text());
  EXPECT_EQ(3, text.value("x_total", {{"text", R"(a \"b\" \\ \n)"}}));
}

TEST(Metrics, TheReaderOfTheseTestsIsStrict) {
  EXPECT_NO_THROW(MetricsText("# TYPE a counter\na 1\n"));
  EXPECT_THROW(MetricsText("# TYPE a counter\na 1"), std::runtime_error) << "no line feed";
  EXPECT_THROW(MetricsText("a 1\n"), std::runtime_error) << "no type";
  EXPECT_THROW(MetricsText("# TYPE a counter\na 1\na 2\n"), std::runtime_error) << "twice";
  EXPECT_THROW(MetricsText("# TYPE a counter\na{b=c} 1\n"), std::runtime_error) << "no quotes";
  EXPECT_THROW(MetricsText("# TYPE a counter\na_bucket{le=\"1\"} 1\n"), std::runtime_error);
}

TEST(Metrics, RequestsAreCountedUnderTheirRouteOrUnderNone) {
  RequestCounts counts;
  const Route* const second = &routes()[1];
  counts.count(second, 200, std::nullopt, 1ms);
  counts.count(second, 503, ProblemCode::overloaded, 1ms);
  counts.count(nullptr, 404, ProblemCode::not_found, 1ms);
  EXPECT_EQ(1, counts.routes()[1].by_status[200].value());
  EXPECT_EQ(1, counts.routes()[1].by_status[503].value());
  EXPECT_EQ(0, counts.routes()[0].by_status[200].value());
  EXPECT_EQ(1, counts.routes().back().by_status[404].value());
  const auto problems = [&](ProblemCode code) {
    return counts.problems()[static_cast<std::size_t>(code)].value();
  };
  EXPECT_EQ(1, problems(ProblemCode::overloaded));
  EXPECT_EQ(1, problems(ProblemCode::not_found));
  EXPECT_EQ(0, problems(ProblemCode::sold_out));
}

/// Says that it needed several tries, and ends as it is told.
class Struggling : public test::MemoryStrategy {
 public:
  Struggling(test::Memory& memory, bool fails) : MemoryStrategy(memory), fails_(fails) {}
  s::Result<s::ReserveReply> reserve(s::Connection& connection,
                                     const s::ReserveCommand&) const override {
    connection.statistics().attempts += 4;
    connection.statistics().retries_by_code = {{"deadlock", 2}, {"55P03", 1}, {"XX000", 1}};
    if (fails_) throw std::runtime_error("in vain");
    return s::Refusal{s::RefusalCode::event_not_found, {}};
  }

 private:
  bool fails_;
};

TEST(Metrics, TriesAreCountedByCodeWhetherTheTransactionFailsOrNot) {
  test::Memory memory;
  s::Connection connection(nullptr, {});
  for (const bool fails : {false, true}) {
    const MeasuredStrategy strategy(std::make_unique<Struggling>(memory, fails));
    const s::ReserveCommand command{{1}, {1}, 1, {}, {}};
    if (fails) {
      EXPECT_THROW(strategy.reserve(connection, command), std::runtime_error);
    } else {
      EXPECT_TRUE(strategy.reserve(connection, command).has_error());
    }
    const auto& reserve = strategy.counts().operations[0];
    EXPECT_EQ(4, reserve.attempts.value()) << "those of the call before do not count again";
    const auto buckets = reserve.duration.buckets();
    EXPECT_EQ(1, std::accumulate(buckets.begin(), buckets.end(), std::int64_t{0}));
    const auto failed = [&](std::string_view code) {
      const auto* const found = std::ranges::find(k_failure_codes, code);
      return reserve.failed_attempts[static_cast<std::size_t>(found - k_failure_codes.begin())]
          .value();
    };
    EXPECT_EQ(2, failed("deadlock"));
    EXPECT_EQ(1, failed("55P03"));
    EXPECT_EQ(1, failed("other")) << "XX000";
    EXPECT_EQ(0, strategy.counts().operations[1].attempts.value());
  }
}

TEST(Metrics, TheProcessFindsItself) {
  const ProcessFigures before = read_process_figures();
  EXPECT_GT(before.start_time_s, 1.5e9);
  EXPECT_GT(before.resident_bytes, 1 << 20);
  EXPECT_GE(before.virtual_bytes, before.resident_bytes);
  EXPECT_GE(before.threads, 1);
  EXPECT_GE(before.open_files, 3);
  std::vector<std::unique_ptr<std::FILE, int (*)(std::FILE*)>> files;
  for (int i = 0; i < 5; ++i) files.emplace_back(std::fopen("/dev/null", "re"), &std::fclose);
  EXPECT_EQ(before.open_files + 5, read_process_figures().open_files);
}

// The dashboard's list of events.
class HotEventsTest : public ::testing::Test {
 protected:
  static s::EventNumbers numbers(std::int64_t id, std::int64_t available, std::int64_t version) {
    return {s::EventId{id}, available, s::EventVersion{version}};
  }
  void ask(std::int64_t id, int times = 1) {
    for (int i = 0; i < times; ++i) {
      hot_.count(s::EventId{id}, AttemptOutcome::held, numbers(id, 10, 1), now_);
    }
  }
  std::vector<std::int64_t> ids(std::size_t count_max = 3) {
    std::vector<std::int64_t> ids;
    for (const auto& entry : hot_.hottest(count_max, now_)) ids.push_back(entry.event.id.value);
    return ids;
  }

  HotEvents hot_;
  HotEvents::Clock::time_point now_{1h};
};

TEST_F(HotEventsTest, TheHottestIsFirstAndWhatIsOverCools) {
  ask(1, 5), ask(2, 9), ask(3, 1);
  EXPECT_EQ((std::vector<std::int64_t>{2, 1, 3}), ids());
  EXPECT_EQ((std::vector<std::int64_t>{2}), ids(1));
  now_ += 3 * HotEvents::k_half_life;
  ask(1, 2);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), ids()) << "of 9, an eighth is left";
  now_ += 1h;
  EXPECT_TRUE(ids().empty());
}

TEST_F(HotEventsTest, HoweverManyEventsThereAreTheHotOnesStay) {
  for (std::int64_t i = 0; i < 10'000; ++i) {
    ask(100 + i);
    ask(i % 2 == 0 ? 7 : 8);
  }
  auto both = ids(2);
  std::ranges::sort(both);
  EXPECT_EQ((std::vector<std::int64_t>{7, 8}), both);
  EXPECT_EQ(HotEvents::k_events_max, ids(1'000'000).size());
}

TEST_F(HotEventsTest, WhatIsLeftIsWhatTheNewestVersionSays) {
  const auto count = [&](std::int64_t available, std::int64_t version, AttemptOutcome outcome) {
    hot_.count(s::EventId{7}, outcome, numbers(7, available, version), now_);
  };
  count(40, 3, AttemptOutcome::held);
  count(0, 9, AttemptOutcome::sold_out);
  count(12, 6, AttemptOutcome::held);  // a reply that was on its way for longer
  hot_.count(s::EventId{7}, AttemptOutcome::refused, {}, now_);
  hot_.learn(numbers(7, 1, 10), 50);
  hot_.learn(numbers(8, 1, 10), 50);  // nobody asked for it
  const auto hottest = hot_.hottest(5, now_);
  ASSERT_EQ(1U, hottest.size());
  EXPECT_EQ(1, hottest[0].event.available_tickets);
  EXPECT_EQ(40, hottest[0].most_available);
  EXPECT_EQ(50, hottest[0].total_tickets);
  EXPECT_EQ((std::array<std::int64_t, 5>{2, 0, 1, 1, 0}), hottest[0].by_outcome);
}

TEST_F(HotEventsTest, AnInventedIdDisplacesNothing) {
  hot_.count(s::EventId{9}, AttemptOutcome::refused, {}, now_);
  EXPECT_TRUE(ids().empty());
}

TEST_F(HotEventsTest, AnOutcomeIsTheServersFailureOnlyWhereItIs) {
  EXPECT_EQ(AttemptOutcome::sold_out, outcome_of(ProblemCode::sold_out));
  for (const auto code : {ProblemCode::overloaded, ProblemCode::shutting_down,
                          ProblemCode::rate_limited, ProblemCode::event_not_found}) {
    EXPECT_EQ(AttemptOutcome::refused, outcome_of(code));
  }
  for (const auto code : {ProblemCode::database_unavailable, ProblemCode::commit_unknown,
                          ProblemCode::internal_error, ProblemCode::retries_exhausted}) {
    EXPECT_EQ(AttemptOutcome::failed, outcome_of(code));
  }
}

}  // namespace
}  // namespace boxoffice::server
