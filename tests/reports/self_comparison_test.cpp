// Self-comparisons over made-up figures, and how often the statistics err: by exact count, and by
// simulation with a fixed seed.
#include "reports/self_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "reports/sign_test.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

using test::SyntheticRun;
using ::testing::HasSubstr;

// Gives the trials of `twin` the variant that they repeat.
void make_twin(SyntheticRun& run, const std::string& twin, const std::string& of, double planted) {
  for (auto* trial : run.of(twin)) {
    trial->trial["twin_of"] = of;
    trial->trial["planted"] = planted;
  }
}

TEST(SelfComparison, a_twin_is_judged_apart_and_wins_nothing) {
  SyntheticRun run(12);
  run.add("atomic", "hot", 16, 1600);
  run.add("atomic+self", "hot", 16, 1900);
  run.add("pessimistic", "hot", 16, 1200);
  make_twin(run, "atomic+self", "atomic", 0);
  const auto stored = read_run(run.write());
  const auto cells = compare_cells(stored);
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0].variants.size(), 2U);
  EXPECT_EQ(cells[0].pairs.size(), 1U);
  EXPECT_EQ(winner(cells[0])->variant, "atomic");
  const auto self = self_comparisons(stored);
  ASSERT_EQ(self.size(), 1U);
  EXPECT_EQ(self[0].pair.a, "atomic");
  EXPECT_EQ(self[0].pair.b, "atomic+self");
  EXPECT_TRUE(self[0].separated());  // by 19%: this machine would prove nothing
  EXPECT_THAT(self_texts(self).at(0), HasSubstr("atomic against itself in hot, 16 connections"));
}

TEST(SelfComparison, repetitions_are_blocks_of_rounds) {
  SyntheticRun run(24);
  run.manifest["self_rounds"] = 8;
  run.add("atomic", "hot", 1, 1000);
  run.add("atomic+slowed15", "hot", 1, 1000 / 1.15);
  make_twin(run, "atomic+slowed15", "atomic", 0.15);
  for (auto& item : run.trials)  // the harness counts rounds from 1
    item.trial["round"] = item.trial["round"].as_int64() + 1;
  const auto self = self_comparisons(read_run(run.write()));
  ASSERT_EQ(self.size(), 3U);
  for (const SelfComparison& each : self) {
    EXPECT_EQ(each.pair.rounds, 8U);
    EXPECT_EQ(each.pair.conclusion, Conclusion::a_faster);
    EXPECT_NEAR(*each.pair.ratio, 1.15, 0.01);
  }
  const std::string text = self_texts(self).at(0);
  EXPECT_THAT(text, HasSubstr("planted slowdown of 15%"));
  EXPECT_THAT(text, HasSubstr("3 of 3 separated (100.0%)"));
}

TEST(SelfComparison, too_few_rounds_separate_nothing) {
  SyntheticRun run(3);
  run.add("atomic", "hot", 1, 1000);
  run.add("atomic+self", "hot", 1, 500);
  make_twin(run, "atomic+self", "atomic", 0);
  const auto self = self_comparisons(read_run(run.write()));
  ASSERT_EQ(self.size(), 1U);
  EXPECT_FALSE(self[0].separated());
  EXPECT_THAT(self_texts(self).at(0), HasSubstr("3 of the 7 rounds"));
}

// Figures of `rounds` rounds, each with a drift that both share and log-normal noise of its own.
class Machine {
 public:
  Machine(std::uint64_t seed, double noise) : random_(seed), noise_(noise) {}

  Pair compare(int rounds, double slowdown) {
    VariantFigures a, b;
    a.variant = "a";
    b.variant = "b";
    for (int round = 1; round <= rounds; ++round) {
      const double drift = 1000 * std::exp(0.3 * normal());
      a.by_round[round] = drift * std::exp(noise_ * normal());
      b.by_round[round] = drift * std::exp(noise_ * normal()) / (1 + slowdown);
    }
    return compare_alone(a, b, Metric::goodput);
  }

 private:
  // Box and Muller: std::normal_distribution differs between standard libraries.
  double normal() {
    const double u = (static_cast<double>(random_() >> 11) + 1) / 9007199254740993.0;
    const double v = static_cast<double>(random_() >> 11) / 9007199254740992.0;
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v);
  }

  std::mt19937_64 random_;
  double noise_;
};

TEST(Errors, a_self_comparison_is_separated_no_more_often_than_its_exact_level) {
  // 12 rounds: p <= 5% needs at least 10 of 12, that is 2 (1 + 12 + 66) / 4096 = 3.857%; the
  // minimum effect can only make it rarer. Of 20,000, three standard deviations are 0.41%.
  Machine loud(7, 0.3), quiet(8, 0.02);
  int separated_loud = 0, separated_quiet = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto is = [](const Pair& pair) { return pair.conclusion != Conclusion::not_separated; };
    separated_loud += is(loud.compare(12, 0));
    separated_quiet += is(quiet.compare(12, 0));
  }
  EXPECT_LE(separated_loud, 20'000 * (0.03857 + 0.0041));
  EXPECT_GE(separated_loud, 20'000 * (0.03857 - 0.0061));  // the test has not lost its power
  EXPECT_EQ(separated_quiet, 0);  // 2% of noise never looks like 5% of effect
}

TEST(Errors, a_planted_slowdown_of_15_percent_is_separated_nine_times_in_ten) {
  // Noise of 7% a trial is 9.9% a log ratio; the effect is log 1.15 = 14%, 1.41 deviations: a round
  // shows it with probability 0.921, and 10 of 12 rounds with 0.94.
  Machine machine(9, 0.07);
  int separated = 0;
  for (int i = 0; i < 2'000; ++i)
    separated += machine.compare(12, 0.15).conclusion == Conclusion::a_faster;
  EXPECT_GE(separated, 1'800);
}

TEST(Errors, holm_keeps_the_family_of_a_cell_at_5_percent) {
  // Four variants that are the same: six pairs. Any of them separated is one mistake.
  std::mt19937_64 random(11);
  int families = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::vector<std::vector<double>> figures(4);
    for (auto& variant : figures) {
      for (int round = 0; round < 12; ++round)
        variant.push_back(static_cast<double>(random() >> 11));
    }
    std::vector<double> p;
    for (std::size_t a = 0; a < 4; ++a) {
      for (std::size_t b = a + 1; b < 4; ++b) {
        std::size_t ahead = 0;
        for (std::size_t round = 0; round < 12; ++round)
          ahead += figures[a][round] > figures[b][round];
        p.push_back(sign_test_p(ahead, 12 - ahead));
      }
    }
    const auto adjusted = holm_adjusted(p);
    families += std::ranges::any_of(adjusted, [](double each) { return each <= k_alpha; });
  }
  EXPECT_LE(families, 250);
}

TEST(Errors, intervals_cover_as_published) {
  // Conover, table of the quantile interval at p = 1/2 (also R's binom): ranks from 1.
  struct Published {
    std::size_t n, low, high;
    double coverage;
  };
  for (const auto& [n, low, high, coverage] : {Published{6, 1, 6, 0.96875},
                                               {8, 1, 8, 0.9921875},
                                               {9, 2, 8, 0.9609375},
                                               {10, 2, 9, 0.978515625},
                                               {15, 4, 12, 0.96484375},
                                               {20, 6, 15, 0.958610534667969}}) {
    const auto interval = median_interval(n, 0.95);
    ASSERT_TRUE(interval) << n;
    EXPECT_EQ(interval->low + 1, low) << n;
    EXPECT_EQ(interval->high + 1, high) << n;
    EXPECT_NEAR(interval->coverage, coverage, 1e-12) << n;
  }
}

}  // namespace
}  // namespace boxoffice::reports
