// Conclusions over synthetic figures whose answer is known.
#include "reports/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "reports/figures.hpp"
#include "reports/log_ratios.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;

std::vector<Cell> cells_of(const SyntheticRun& run) {
  return compare_cells(read_run(run.write()));
}

const VariantFigures& variant_of(const Cell& cell, const std::string& name) {
  for (const auto& variant : cell.variants) {
    if (variant.variant == name) return variant;
  }
  throw std::out_of_range(name);
}

TEST(Statistics, a_clear_difference_over_twelve_rounds_has_a_winner) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  const auto cells = cells_of(run);
  ASSERT_EQ(cells.size(), 1U);
  ASSERT_EQ(cells[0].pairs.size(), 1U);
  const Pair& pair = cells[0].pairs[0];
  EXPECT_EQ(pair.conclusion, Conclusion::a_faster);
  EXPECT_EQ(pair.rounds, 12U);
  EXPECT_NEAR(*pair.ratio, 1600.0 / 1200, 0.01);
  EXPECT_DOUBLE_EQ(pair.p_value, 2.0 / 4096);  // 12 of 12
  EXPECT_LE(*pair.low, *pair.ratio);
  EXPECT_GE(*pair.high, *pair.ratio);
  EXPECT_EQ(winner(cells[0]), &cells[0].variants[0]);
}

TEST(Statistics, three_rounds_name_no_winner_however_clear) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 400);
  const auto cells = cells_of(run);
  EXPECT_EQ(cells[0].pairs[0].conclusion, Conclusion::indicative);
  EXPECT_FALSE(cells[0].pairs[0].low);  // unbounded: 3 values never cover with 95%
  EXPECT_EQ(winner(cells[0]), nullptr);
  EXPECT_EQ(leader(cells[0])->variant, "atomic");
}

TEST(Statistics, a_winner_of_many_variants_takes_more_rounds) {
  EXPECT_EQ(rounds_needed(0), 7U);
  EXPECT_EQ(rounds_needed(3), 7U);
  EXPECT_EQ(rounds_needed(6), 8U);
  EXPECT_EQ(rounds_needed(10), 9U);
  for (const auto& [rounds, conclusion] :
       {std::pair(7, Conclusion::indicative), std::pair(8, Conclusion::a_faster)}) {
    SyntheticRun run(rounds);
    for (const auto& [variant, per_s] :
         {std::pair("a", 800), std::pair("b", 400), std::pair("c", 200), std::pair("d", 100)})
      run.add(variant, "hot", 16, per_s);
    const auto cells = cells_of(run);
    ASSERT_EQ(cells[0].pairs.size(), 6U);
    for (const Pair& pair : cells[0].pairs) EXPECT_EQ(pair.conclusion, conclusion) << rounds;
  }
}

TEST(Statistics, a_significant_difference_below_five_percent_is_not_separated) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1236, 0);
  run.add("pessimistic", "hot", 16, 1200, 0);
  const Pair pair = cells_of(run)[0].pairs[0];
  EXPECT_LT(pair.p_holm, k_alpha);
  EXPECT_EQ(pair.conclusion, Conclusion::not_separated);
}

TEST(Statistics, the_drift_between_rounds_cancels_in_the_pairs) {
  // Both drift by 2% over the rounds; without noise of their own the ratio is the same in every
  // round.
  SyntheticRun run(7);
  run.add("atomic", "hot", 16, 1300, 0);
  run.add("optimistic", "hot", 16, 1000, 0);
  const Pair pair = cells_of(run)[0].pairs[0];
  EXPECT_NEAR(*pair.low, 1.3, 1e-9);
  EXPECT_NEAR(*pair.high, 1.3, 1e-9);
  EXPECT_EQ(pair.conclusion, Conclusion::a_faster);
}

TEST(Statistics, less_time_to_sell_out_is_faster) {
  SyntheticRun run(7);
  run.add("atomic", "scarce", 16, 1000);
  run.add("pessimistic", "scarce", 16, 1000);
  for (auto& item : run.trials) {
    item.trial["metric"] = "time_to_sell_out";
    item.trial["time_to_sell_out_s"] = item.trial.at("variant").as_string() == "atomic" ? 2.0 : 2.5;
  }
  const Cell cell = cells_of(run)[0];
  EXPECT_DOUBLE_EQ(*cell.pairs[0].ratio, 2.0 / 2.5);
  EXPECT_EQ(cell.pairs[0].conclusion, Conclusion::a_faster);
  EXPECT_EQ(leader(cell)->variant, "atomic");
}

TEST(Statistics, tickets_that_did_not_run_out_are_a_time_without_end) {
  SyntheticRun run(3);
  run.add_rush("atomic", 0, 20);
  const Cell cell = cells_of(run)[0];
  const Spread figure = cell.variants[0].figure.value();
  EXPECT_TRUE(std::isinf(figure.median) && std::isinf(figure.min));
  EXPECT_EQ(figure.unfinished, 3U);
  EXPECT_DOUBLE_EQ(figure.median_above, 30);
  EXPECT_EQ(cell.variants[0].without_figure, 0U);
  EXPECT_EQ(leader(cell), nullptr);
}

TEST(Statistics, a_round_that_did_not_sell_out_is_lost_and_not_left_out) {
  // Left out, the other 8 rounds say that the quick one is faster: 8 of 8, p = 0.008.
  SyntheticRun run(12);
  run.add_rush("quick", 8, 20);
  run.add_rush("sure", 12, 25);
  const Cell cell = cells_of(run)[0];
  const Pair& pair = cell.pairs.at(0);
  EXPECT_EQ(pair.rounds, 12U);
  EXPECT_EQ(pair.a_ahead, 8U);
  EXPECT_EQ(pair.b_ahead, 4U);
  EXPECT_EQ(pair.a_unfinished, 4U);
  EXPECT_EQ(pair.b_unfinished, 0U);
  EXPECT_NEAR(pair.p_value, 0.388, 0.001);  // exact: 8 to 4
  EXPECT_NEAR(*pair.ratio, 0.8, 0.01);
  EXPECT_TRUE(pair.low);
  EXPECT_FALSE(pair.high);
  EXPECT_EQ(pair.conclusion, Conclusion::not_separated);
  EXPECT_EQ(winner(cell), nullptr);
  EXPECT_EQ(versus(cell, "sure", "quick")->b_unfinished, 4U);
}

TEST(Statistics, who_never_sells_out_loses_to_who_does) {
  SyntheticRun run(12);
  run.add_rush("never", 0, 20);
  run.add_rush("slow", 12, 29);
  const Cell cell = cells_of(run)[0];
  const Pair& pair = cell.pairs.at(0);
  EXPECT_EQ(pair.b_ahead, 12U);
  EXPECT_TRUE(std::isinf(pair.ratio.value()));
  EXPECT_TRUE(std::isinf(pair.low.value()) && !pair.high);
  EXPECT_EQ(pair.conclusion, Conclusion::b_faster);
  ASSERT_TRUE(winner(cell));
  EXPECT_EQ(winner(cell)->variant, "slow");
  EXPECT_EQ(versus(cell, "slow", "never")->ratio.value(), 0);
}

TEST(Statistics, rounds_that_neither_finished_are_ties) {
  for (const int sold_out : {6, 7}) {
    SyntheticRun run(12);
    run.add_rush("seldom", sold_out, 20);
    run.add_rush("never", 0, 20);
    const Cell cell = cells_of(run)[0];
    EXPECT_EQ(cell.pairs.at(0).rounds, 12U);
    EXPECT_EQ(cell.pairs[0].a_ahead + cell.pairs[0].b_ahead, static_cast<std::size_t>(sold_out));
    EXPECT_DOUBLE_EQ(cell.pairs[0].p_value, std::ldexp(2.0, -sold_out));
    EXPECT_EQ(leader(cell)->variant, "seldom");
    // Of 6 to none, half of the rounds know no difference, and fewer than 7 decide.
    EXPECT_EQ(winner(cell) != nullptr, sold_out == 7);
    EXPECT_EQ(cell.pairs[0].ratio.has_value(), sold_out == 7);
  }
  SyntheticRun none(12);
  none.add_rush("a", 0, 20);
  none.add_rush("b", 0, 20);
  const Cell tied = cells_of(none)[0];
  EXPECT_EQ(tied.pairs.at(0).conclusion, Conclusion::not_separated);
  EXPECT_DOUBLE_EQ(tied.pairs[0].p_value, 1);
  EXPECT_EQ(winner(tied), nullptr);
  // Two variants that never sold out are not equal: nothing is known of their ratio.
  EXPECT_FALSE(tied.pairs[0].ratio || tied.pairs[0].low || tied.pairs[0].high);
  EXPECT_EQ(ratio_text(tied.pairs[0]), "-");
  EXPECT_EQ(interval_text(tied.pairs[0]), "-");
}

TEST(Statistics, rounds_that_neither_finished_widen_the_interval_to_both_sides) {
  // Of 12, the third is the lowest of the interval and the tenth the highest.
  for (const int unknown : {2, 3}) {
    SyntheticRun run(12);
    run.add_rush("a", 12 - unknown, 20);
    run.add_rush("b", 12 - unknown, 25);
    const Pair pair = cells_of(run)[0].pairs.at(0);
    EXPECT_EQ(pair.rounds, 12U);
    EXPECT_NEAR(pair.ratio.value(), 0.8, 0.01);
    EXPECT_EQ(pair.low.has_value(), unknown == 2);
    EXPECT_EQ(pair.high.has_value(), unknown == 2);
    EXPECT_EQ(pair.conclusion, Conclusion::a_faster)
        << "ahead in each round that somebody finished";
    EXPECT_EQ(interval_text(pair) == "unbounded", unknown == 3) << interval_text(pair);
  }
}

TEST(Statistics, a_ratio_whose_middle_is_a_round_that_neither_finished_is_none) {
  // Six rounds to the one, five to the other, and one to none: it may be the sixth or the seventh.
  EXPECT_FALSE(median_ratio({-2, -2, -2, -2, -2, 1, 1, 1, 1, 1, 1}, 1));
  EXPECT_EQ(median_ratio({-2, -2, -2, -2, 1, 1, 1, 1, 1, 1, 1}, 1), std::exp(1.0));
  EXPECT_EQ(median_ratio({-2, -2, -2, -2, -2, -2, -2, 1, 1, 1, 1}, 1), std::exp(-2.0));
  EXPECT_FALSE(median_ratio({}, 12));
}

TEST(Statistics, half_lost_and_half_won_without_bound_has_no_median) {
  SyntheticRun run(12);
  run.add_rush("first", 6, 20);
  run.add_rush("last", 12, 20);
  int round = 0;
  for (auto* trial : run.of("last"))
    if (round++ < 6) trial->trial["time_to_sell_out_s"] = nullptr;
  const Pair pair = cells_of(run)[0].pairs.at(0);
  EXPECT_FALSE(pair.ratio);
  EXPECT_EQ(pair.rounds, 12U);
  EXPECT_EQ(pair.conclusion, Conclusion::not_separated);
}

TEST(Statistics, who_sold_nothing_loses_to_who_sold) {
  SyntheticRun run(12);
  run.add_idle("atomic", "hot", 16);
  run.add("pessimistic", "hot", 16, 10);
  const Cell cell = cells_of(run)[0];
  EXPECT_EQ(cell.variants.at(0).figure.value().unfinished, 12U);
  EXPECT_EQ(cell.pairs.at(0).conclusion, Conclusion::b_faster);
  EXPECT_EQ(winner(cell)->variant, "pessimistic");
}

TEST(Statistics, an_unfinished_trial_that_is_not_sound_stays_out) {
  SyntheticRun run(12);
  run.add_rush("quick", 8, 20);
  run.add_rush("sure", 12, 25);
  const auto quick = run.of("quick");
  quick[8]->trial["figure_valid"] = false;
  quick[9]->trial["verdict"] = "unknown";
  const Cell cell = cells_of(run)[0];
  EXPECT_EQ(cell.pairs.at(0).rounds, 10U);
  EXPECT_EQ(cell.pairs[0].a_unfinished, 2U);
  EXPECT_EQ(variant_of(cell, "quick").without_figure, 2U);
}

TEST(Statistics, rounds_without_a_valid_figure_leave_both_out) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  run.of("atomic")[4]->trial["figure_valid"] = false;
  run.of("atomic")[4]->trial["goodput_per_s"] = 90000.0;
  run.of("pessimistic")[5]->trial["verdict"] = "unknown";
  const Cell cell = cells_of(run)[0];
  EXPECT_EQ(cell.pairs[0].rounds, 10U);
  EXPECT_LT(variant_of(cell, "atomic").figure->max, 2000);
  EXPECT_EQ(variant_of(cell, "pessimistic").verdict, properties::Outcome::unknown);
}

// Of one round the response times are not known, for it did not keep up: the others would flatter.
TEST(Statistics, who_did_not_keep_up_once_has_its_goodput_and_no_response_times) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  run.of("atomic")[4]->trial["latency_why"] = "100 of 1000 were never sent";
  const Cell cell = cells_of(run)[0];
  EXPECT_EQ(cell.pairs.at(0).rounds, 12U);
  EXPECT_EQ(variant_of(cell, "atomic").figure.value().rounds, 12U);
  EXPECT_FALSE(variant_of(cell, "atomic").p99_ms);
  EXPECT_TRUE(variant_of(cell, "pessimistic").p99_ms);
}

/// A round that sold too little for a percentile is a slow one.
TEST(Statistics, what_a_round_does_not_have_is_no_median_of_the_others) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.of("atomic")[4]->trial["attempts_per_success"] = nullptr;
  run.of("atomic")[5]->trial["latency_ms"].as_object()["response"].as_object()["p99"] = nullptr;
  const Cell cell = cells_of(run)[0];
  const VariantFigures atomic = variant_of(cell, "atomic");
  EXPECT_FALSE(atomic.p99_ms);
  EXPECT_FALSE(atomic.attempts_per_success);
  EXPECT_TRUE(atomic.p50_ms);
}

TEST(Statistics, a_variant_that_oversold_once_has_no_figure_anywhere) {
  SyntheticRun run(12);
  for (const int connections : {4, 16}) {
    run.add("atomic", "hot", connections, 1600);
    run.add("pessimistic", "hot", connections, 1200);
  }
  run.of("atomic")[0]->trial["verdict"] = "violation";
  for (const Cell& cell : cells_of(run)) {
    EXPECT_FALSE(variant_of(cell, "atomic").figure);
    EXPECT_TRUE(cell.pairs.empty());
    EXPECT_EQ(winner(cell), nullptr);  // alone, pessimistic has beaten nobody
  }
}

TEST(Statistics, controls_never_count) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 32, 1000);
  run.add_control(true);
  for (const Cell& cell : cells_of(run)) {
    ASSERT_EQ(cell.variants.size(), 1U);
    EXPECT_EQ(cell.variants[0].variant, "atomic");
  }
}

TEST(Statistics, holm_counts_the_pairs_of_a_cell) {
  // Four variants are six pairs: 7 of 7 gives 6 * 2/128 = 0.094 > 5%: nobody wins, though each p is
  // 0.016.
  SyntheticRun run(7);
  double per_s = 1000;
  for (const char* name : {"a", "b", "c", "d"}) run.add(name, "hot", 16, per_s *= 1.3);
  const auto cells = cells_of(run);
  ASSERT_EQ(cells.at(0).pairs.size(), 6U);
  for (const Pair& pair : cells[0].pairs) {
    EXPECT_DOUBLE_EQ(pair.p_value, 0.015625);
    EXPECT_DOUBLE_EQ(pair.p_holm, 0.09375);
    EXPECT_EQ(pair.conclusion, Conclusion::indicative) << "seven rounds of four decide nothing";
  }
}

TEST(Statistics, a_pair_turned_round_is_its_mirror) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("pessimistic", "hot", 16, 1200);
  const Cell cell = cells_of(run)[0];
  const Pair there = *versus(cell, "atomic", "pessimistic");
  const Pair back = *versus(cell, "pessimistic", "atomic");
  EXPECT_DOUBLE_EQ(*back.ratio, 1 / *there.ratio);
  EXPECT_DOUBLE_EQ(*back.low, 1 / *there.high);
  EXPECT_EQ(back.conclusion, Conclusion::b_faster);
  EXPECT_FALSE(versus(cell, "atomic", "serializable"));
}

}  // namespace
}  // namespace boxoffice::reports
