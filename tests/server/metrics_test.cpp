// What is counted, and the text that comes of it.
#include <gtest/gtest.h>

#include <stdexcept>

#include "memory_strategy.hpp"
#include "metrics_text.hpp"
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
    EXPECT_EQ(1, reserve.duration.buckets()[0]);
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

}  // namespace
}  // namespace boxoffice::server
