// Rounds of one side that have no figure (the generator or the server made them invalid): they are
// said wherever a ratio is shown, and where they are more than a quarter nobody wins by the rest.
#include <fmt/format.h>
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
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The first `rounds` of a variant's trials came out without a valid figure.
void make_invalid(SyntheticRun& run, const std::string& variant, std::size_t rounds) {
  const auto trials = run.of(variant);
  for (std::size_t i = 0; i < rounds; ++i) {
    trials.at(i)->trial["figure_valid"] = false;
    trials[i]->trial["figure_why"] = "the generator was saturated";
  }
}

/// The quick one is ahead in each round that is left.
class MissingRounds : public testing::Test {
 protected:
  MissingRounds() {
    run.add("quick", "hot", 16, 1600);
    run.add("sure", "hot", 16, 1200);
  }
  Cell cell() { return compare_cells(read_run(run.write())).at(0); }
  SyntheticRun run{12};
};

TEST_F(MissingRounds, up_to_a_quarter_leave_the_conclusion) {
  make_invalid(run, "sure", 3);
  const Cell with = cell();
  EXPECT_EQ(with.pairs.at(0).rounds, 9U);
  EXPECT_EQ(with.pairs[0].b_missing.without_figure, 3U);
  EXPECT_EQ(with.pairs[0].conclusion, Conclusion::a_faster);
  EXPECT_EQ(winner(with)->variant, "quick");
}

TEST_F(MissingRounds, more_than_a_quarter_of_either_side_let_nobody_win) {
  for (const char* variant : {"sure", "quick"}) {
    make_invalid(run, variant, 4);
    const Cell without = cell();
    EXPECT_EQ(without.pairs.at(0).rounds, 8U) << "8 of 8, p = 0.008";
    EXPECT_EQ(without.pairs[0].conclusion, Conclusion::not_separated) << variant;
    EXPECT_EQ(winner(without), nullptr);
    for (auto& item : run.trials) item.trial["figure_valid"] = true;
  }
}

TEST_F(MissingRounds, of_a_third_variant_let_nobody_win_the_cell) {
  run.add("third", "hot", 16, 900);
  EXPECT_EQ(winner(cell())->variant, "quick");
  make_invalid(run, "third", 4);
  EXPECT_EQ(winner(cell()), nullptr);
  EXPECT_EQ(versus(cell(), "quick", "sure")->conclusion, Conclusion::a_faster);
  const Pair turned = versus(cell(), "third", "sure").value();
  EXPECT_EQ(turned.a_missing.without_figure, 4U);
  EXPECT_EQ(turned.b_missing.without_figure, 0U);
  make_invalid(run, "third", 12);
  EXPECT_EQ(winner(cell()), nullptr);
  EXPECT_EQ(versus(cell(), "quick", "third")->conclusion, Conclusion::not_separated);
}

TEST_F(MissingRounds, are_said_in_each_output_and_why_nobody_wins) {
  make_invalid(run, "sure", 4);
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  const std::string html = report_html(read, summary);
  EXPECT_THAT(html, AllOf(HasSubstr("<span>sure: 4 of 12 rounds without a figure</span>"),
                          HasSubstr("not_separated; sure: 4 of 12 rounds without a figure, more "
                                    "than a quarter: no conclusion"),
                          Not(HasSubstr("<em>fastest</em>"))));
  EXPECT_THAT(summary_markdown(read, summary),
              AllOf(HasSubstr("- sure in hot on postgresql, 16 connections: 4 of 12 rounds without "
                              "a figure\n"),
                    HasSubstr("| not separated; sure: 4 of 12 rounds without a figure, more than a "
                              "quarter: no conclusion |"),
                    Not(HasSubstr("fastest"))));
  EXPECT_THAT(summary_terminal(read, summary, "", {.columns = 200}),
              AllOf(HasSubstr("sure: 4 of 12 rounds without a figure, too many to be held against "
                              "the others"),
                    HasSubstr("0.75x not sep."), Not(HasSubstr("fastest"))));
  const auto json = boost::json::parse(summary_json(read, summary));
  EXPECT_EQ(json.at("pairs").at(0).at("a_without_figure").as_int64(), 0);
  EXPECT_EQ(json.at("pairs").at(0).at("b_without_figure").as_int64(), 4);
  EXPECT_EQ(json.at("pairs").at(0).at("conclusion").as_string(), "not_separated");
}

TEST_F(MissingRounds, few_of_them_are_said_beside_the_winner) {
  make_invalid(run, "sure", 1);
  const auto read = read_run(run.write());
  const Summary summary = summarize(read);
  EXPECT_THAT(report_html(read, summary),
              AllOf(HasSubstr("<em>fastest</em><span>sure: 1 of 12 rounds without a figure</span>"),
                    HasSubstr("a_faster; sure: 1 of 12 rounds without a figure<"),
                    Not(HasSubstr("no conclusion<"))));
}

TEST_F(MissingRounds, of_a_variant_against_itself_separate_nothing) {
  SyntheticRun self(3);
  self.add_self(1);
  for (auto* item : self.of("atomic-twin"))
    item->trial["goodput_per_s"] = item->trial["goodput_per_s"].as_double() / 2;
  make_invalid(self, "atomic", 4);
  const auto compared = summarize(read_run(self.write())).self;
  EXPECT_FALSE(compared.at(0).separated());
  EXPECT_THAT(self_texts(compared).at(0),
              HasSubstr("not separated; atomic: 4 of 12 rounds without a figure"));
}

TEST(MissingRoundsOfScaling, leave_it_open_whether_something_scales) {
  SyntheticRun run(12);
  run.manifest["scenarios"] = {{{"name", "hot"}, {"summary", ""}, {"events", 1}}};
  run.add("atomic", "hot", 64, 500);
  run.add("atomic", "hot", 4, 500);
  const auto writes = [&] {
    const auto read = read_run(run.write());
    return seed_scaling(read, summarize(read), "postgresql").at(1).cells.at(2);
  };
  EXPECT_EQ(writes().judgement, Judgement::confirms);
  make_invalid(run, "atomic", 4);
  EXPECT_EQ(writes().judgement, Judgement::not_separated);
  EXPECT_THAT(writes().measured,
              HasSubstr("; 4 of 12 rounds without a figure in hot at 64 connections"));
}

TEST(MissingRoundsOfScaling, without_a_success_at_either_end_say_nothing_of_a_growth) {
  SyntheticRun run(12);
  run.manifest["scenarios"] = {{{"name", "hot"}, {"summary", ""}, {"events", 1}}};
  run.add("atomic", "hot", 64, 500);
  run.add("atomic", "hot", 4, 500);
  for (auto* item : run.of("atomic"))
    if (item->trial.at("round").as_int64() == 0) item->trial["goodput_per_s"] = 0.0;
  const auto read = read_run(run.write());
  const SeedCell writes = seed_scaling(read, summarize(read), "postgresql").at(1).cells.at(2);
  EXPECT_EQ(writes.judgement, Judgement::not_separated) << "growth by 1.00x was not measured";
  EXPECT_THAT(writes.measured, HasSubstr("; 1 round without a success in either"));
}

class MissingRoundsOfSeed : public testing::Test {
 protected:
  /// What the seed's claim for its first load is said to be, of the one variant that ran.
  SeedCell first_load() {
    return seed_scenarios(summarize(read_run(run.write())), "postgresql").at(0).cells.at(0);
  }
  /// The cell "contention handling" of pessimistic.
  SeedCell contention() {
    const auto read = read_run(run.write());
    return seed_table(read, summarize(read), "postgresql").at(1).cells.at(0);
  }
  SyntheticRun run{12};
};

TEST_F(MissingRoundsOfSeed, leave_the_claim_for_a_load_open) {
  for (const int settled : {9000, 3000}) {  // in 4 s; claimed are 2,000 a second
    run.trials.clear();
    run.add("atomic", "seed-100", 500, 40);
    for (auto& item : run.trials) item.trial["outcomes"].as_object()["sold_out"] = settled;
    const Judgement judged = settled == 9000 ? Judgement::confirms : Judgement::refutes;
    make_invalid(run, "atomic", 3);
    EXPECT_EQ(first_load().judgement, judged);
    EXPECT_THAT(first_load().measured, HasSubstr("; 3 of 12 rounds without a figure"));
    make_invalid(run, "atomic", 5);
    EXPECT_EQ(first_load().judgement, Judgement::not_separated);
    EXPECT_THAT(first_load().measured, HasSubstr("; 5 of 12 rounds without a figure"));
  }
}

TEST_F(MissingRoundsOfSeed, leave_open_how_contention_is_handled) {
  run.add("pessimistic", "hot", 16, 900);
  EXPECT_EQ(contention().judgement, Judgement::confirms);
  make_invalid(run, "pessimistic", 5);
  EXPECT_EQ(contention().judgement, Judgement::not_separated);
  EXPECT_THAT(contention().measured, HasSubstr("; 5 of 12 rounds without a figure"));
}

}  // namespace
}  // namespace boxoffice::reports
