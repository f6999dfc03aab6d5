// Which runs may conclude anything: one that proves nothing, or that ended before its last round,
// names no winner in any of its outputs, and says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "reports/html.hpp"
#include "reports/markdown.hpp"
#include "reports/seed_table.hpp"
#include "reports/terminal.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// Twelve rounds that separate atomic from pessimistic beyond doubt, and a control.
class Conclusions : public testing::Test {
 protected:
  Conclusions() {
    run.add("atomic", "hot", 16, 1600);
    run.add("pessimistic", "hot", 16, 1200);
    run.add("optimistic", "hot", 16, 900);
    // A scenario that neither wins everywhere: the seed's table has something to judge.
    run.add("atomic", "spread", 16, 1300);
    run.add("pessimistic", "spread", 16, 1200);
    run.add("optimistic", "spread", 16, 1900);
  }

  /// Nowhere a winner, and the sentence `why` in each output.
  void expect_no_winner(int exit_code, const std::string& why) {
    const auto read = read_run(run.write());
    const Summary summary = summarize(read);
    EXPECT_EQ(summary.exit_code, exit_code);
    for (const Cell& cell : summary.cells) {
      EXPECT_EQ(winner(cell), nullptr);
      for (const Pair& pair : cell.pairs) EXPECT_EQ(pair.conclusion, Conclusion::indicative);
    }
    const std::string html = report_html(read, summary);
    const std::string json = summary_json(read, summary);
    for (const std::string& text :
         {summary_terminal(read, summary, "", {.columns = 400}), summary_markdown(read, summary)}) {
      EXPECT_THAT(text, HasSubstr(why));
      EXPECT_THAT(text, Not(HasSubstr("fastest")));
      EXPECT_THAT(text, Not(HasSubstr("faster")));
      EXPECT_THAT(text, Not(HasSubstr("slower")));
    }
    EXPECT_THAT(html, HasSubstr(why));
    for (const char* text : {"<em>fastest</em>", ">a_faster", ">b_faster"})
      EXPECT_THAT(html, Not(HasSubstr(text)));
    EXPECT_THAT(json, HasSubstr(why));
    EXPECT_THAT(json, Not(HasSubstr("a_faster")));
    EXPECT_THAT(json, Not(HasSubstr("b_faster")));
    for (const SeedRow& row : seed_table(read, summary, "postgresql")) {
      if (row.aspect != "Throughput" && row.aspect != "Best for") continue;
      for (const SeedCell& cell : row.cells)
        EXPECT_THAT(cell.judgement, AnyOf(Judgement::indicative, Judgement::not_measured))
            << row.aspect << " of " << cell.strategy;
    }
  }

  SyntheticRun run{12};
};

TEST_F(Conclusions, a_run_that_passed_names_its_winners_and_so_does_one_that_missed_a_threshold) {
  run.add_control(true);
  for (const bool held : {true, false}) {
    run.manifest["thresholds"] = {
        {{"threshold", "p99<50ms"}, {"measured", "61 ms"}, {"held", held}}};
    const auto read = read_run(run.write());
    const Summary summary = summarize(read);
    EXPECT_EQ(summary.exit_code, held ? 0 : 13);
    EXPECT_FALSE(summary.indicative);
    ASSERT_NE(winner(summary.cells.at(0)), nullptr);
    EXPECT_THAT(report_html(read, summary), HasSubstr("<em>fastest</em>"));
    EXPECT_TRUE(summary.no_winner_why.empty());
  }
}

TEST_F(Conclusions, where_a_control_was_not_caught_nobody_wins) {
  run.add_control(false);
  expect_no_winner(12, "a run whose verdict is invalid names no winner");
}

TEST_F(Conclusions, where_no_control_ran_or_was_not_caught_a_pass_confirms_no_consistency) {
  const auto consistency = [&] {
    const auto read = read_run(run.write());
    return seed_table(read, summarize(read), "postgresql").at(0).cells.at(0);
  };
  EXPECT_EQ(consistency().judgement, Judgement::not_separated);
  EXPECT_THAT(consistency().measured, HasSubstr("; no control ran"));
  run.add_control(true);
  EXPECT_EQ(consistency().judgement, Judgement::confirms);
  run.trials.pop_back();
  run.add_control(false);
  EXPECT_EQ(consistency().judgement, Judgement::not_separated);
  EXPECT_THAT(consistency().measured, HasSubstr("a control was not caught"));
  run.of("pessimistic").front()->trial["verdict"] = "violation";
  EXPECT_EQ(consistency().judgement, Judgement::refutes) << "what was seen was seen";
}

TEST_F(Conclusions, a_run_that_was_stopped_after_round_8_of_12_concludes_nothing) {
  std::erase_if(run.trials, [](const auto& item) { return item.trial.at("round").as_int64() > 7; });
  run.manifest["interrupted"] = true;
  expect_no_winner(130, "a run that ended before its last round names no winner");
}

TEST_F(Conclusions, nor_does_one_that_broke_off_or_whose_harness_was_killed) {
  run.manifest["broke_off"] = "the database is gone";
  expect_no_winner(12, "a run that ended before its last round names no winner");
  run.manifest.erase("broke_off");
  run.manifest["finished_at"] = nullptr;
  expect_no_winner(12, "a run that ended before its last round names no winner");
  const Summary killed = summarize(read_run(run.write()));
  EXPECT_EQ(killed.verdict, properties::Outcome::invalid);
  EXPECT_THAT(killed.reasons.at(0), HasSubstr("the run was not finished"));
}

TEST_F(Conclusions, nor_does_one_with_a_violation_a_doubt_or_a_bug_of_the_harness) {
  auto& verdict = run.of("optimistic").front()->trial["verdict"];
  verdict = "violation";
  expect_no_winner(10, "a run whose verdict is violation names no winner");
  verdict = "unknown";
  expect_no_winner(11, "a run whose verdict is unknown names no winner");
  verdict = "pass";
  run.manifest["harness_error"] = "a check failed";
  expect_no_winner(70, "a run in which the harness itself failed names no winner");
}

TEST_F(Conclusions, rounds_are_said_to_be_few_only_where_more_would_name_a_winner) {
  const auto sentence = [this](std::int64_t rounds) {
    run.manifest["rounds"] = rounds;
    run.manifest["indicative"] = true;
    const auto read = read_run(run.write());
    return indicative_sentence(read, summarize(read));
  };
  EXPECT_EQ(sentence(6), "6 of the 7 rounds that name a winner");
  EXPECT_EQ(sentence(7), "");
  EXPECT_EQ(sentence(120), "");
}

TEST(ConclusionsOfOne, variant_want_no_more_rounds) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  EXPECT_TRUE(summary.indicative);
  EXPECT_EQ(indicative_sentence(read, summary), "");
  EXPECT_THAT(report_html(read, summary), Not(HasSubstr("that name a winner")));
  EXPECT_THAT(summary_markdown(read, summary), Not(HasSubstr("Indicative: ")));
  EXPECT_THAT(summary_terminal(read, summary, "", {}), Not(HasSubstr("that name a winner")));
}

TEST(ConclusionsOfRush, what_nobody_sold_out_was_lost_to_nobody) {
  SyntheticRun run(3);
  run.add_rush("atomic", 0, 20);
  EXPECT_THAT(summarize(read_run(run.write())).warnings,
              testing::Contains("3 trials did not sell out, though correct: a round is lost to any "
                                "variant that did"));
}

TEST_F(Conclusions, a_run_of_few_rounds_says_so_as_before) {
  SyntheticRun few(3);
  few.fill();
  const auto read = read_run(few.write());
  const Summary summary = summarize(read);
  EXPECT_TRUE(summary.no_winner_why.empty());
  EXPECT_THAT(report_html(read, summary),
              HasSubstr("Indicative: 3 of the 8 rounds that name a winner."));
}

TEST(ConclusionsOfSelf, an_interrupted_run_separates_no_variant_from_itself) {
  SyntheticRun run(3);
  run.add_self(2);
  for (auto* item : run.of("atomic-twin")) {
    item->trial["goodput_per_s"] = item->trial["goodput_per_s"].as_double() / 2;
  }
  EXPECT_TRUE(summarize(read_run(run.write())).self.at(0).separated());
  run.manifest["interrupted"] = true;
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  ASSERT_EQ(summary.self.size(), 2U);
  for (const SelfComparison& each : summary.self)
    EXPECT_EQ(each.pair.conclusion, Conclusion::indicative);
  EXPECT_THAT(self_texts(summary.self).at(0), HasSubstr("0 of 2 separated (0.0%), 2 indicative"));
  EXPECT_THAT(self_texts({summary.self.front()}).at(0), testing::EndsWith(", indicative"));
}

}  // namespace
}  // namespace boxoffice::reports
