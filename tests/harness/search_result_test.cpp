// What one measurement of a search proves, and what the search may therefore say.
#include "harness/commands/search_result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/failure.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {
namespace {

using load::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;
using Verdict = properties::Outcome;

constexpr std::uint64_t k_replies = 1000;

/// So many replies of a millisecond, all of them successes but for those of `other`.
load::LoadResult replies(Outcome other = Outcome::success, std::uint64_t others = 0) {
  load::LoadResult result;
  result.started = k_replies;
  result.outcomes[Outcome::success] = k_replies - others;
  result.outcomes[other] += others;
  for (std::uint64_t i = 0; i < k_replies - others; ++i)
    result.latency[load::index_of(Outcome::success)].response.record(1'000'000);
  return result;
}

Probe judged(const load::LoadResult& result, double errors = 0.01, const load::Mix& mix = {}) {
  Probe probe;
  judge_figures({{parse_threshold("p99<50ms")}, errors, mix}, result, probe);
  return probe;
}

TEST(SearchProbe, MetAndMissedAreSaidWithTheirFigures) {
  EXPECT_EQ(judged(replies()).end, ProbeEnd::met);
  EXPECT_THAT(judged(replies()).why, HasSubstr("p99 1"));
  load::LoadResult slow = replies(Outcome::success);
  for (int i = 0; i < 20; ++i)
    slow.latency[load::index_of(Outcome::success)].response.record(80'000'000);
  EXPECT_EQ(judged(slow).end, ProbeEnd::missed);
  load::LoadResult waiting = replies();
  waiting.unsent = 20;
  EXPECT_EQ(judged(waiting).end, ProbeEnd::missed);
  EXPECT_EQ(judged(replies(Outcome::error, k_replies)).end, ProbeEnd::missed);
}

/// A scenario whose metric is the time to sell out ends with its last ticket: no reply says so.
TEST(SearchProbe, ARunThatEndedWithItsLastTicketSaysNothingOfTheRate) {
  load::LoadResult sold = replies();
  sold.time_to_sell_out_s = 0.95;
  EXPECT_EQ(judged(sold).end, ProbeEnd::tickets_ran_out);
  sold.figure_valid = false;
  sold.figure_why = "the run ended before the measured window began";
  EXPECT_EQ(judged(sold).end, ProbeEnd::tickets_ran_out);
}

TEST(SearchProbe, ErrorsAreABoundThatMayBeReachedAlsoNone) {
  EXPECT_EQ(judged(replies(), 0).end, ProbeEnd::met) << "--errors 0 asks that nothing fails";
  EXPECT_EQ(judged(replies(Outcome::error, 1), 0).end, ProbeEnd::missed);
  EXPECT_THAT(judged(replies(Outcome::error, 1), 0).why, HasSubstr("0.1% failed"));
  EXPECT_EQ(judged(replies(Outcome::error, 10), 0.01).end, ProbeEnd::met) << "at most";
  EXPECT_EQ(judged(replies(Outcome::error, 11), 0.01).end, ProbeEnd::missed);
}

TEST(SearchProbe, ARefusalIsAFailureButForAStrangers) {
  EXPECT_EQ(judged(replies(Outcome::refused, 500)).end, ProbeEnd::missed);
  EXPECT_THAT(judged(replies(Outcome::refused, 500)).why, HasSubstr("50% failed or were refused"));
  const load::Mix strangers{.reserve = 1, .cancel = 1, .stranger = 2};
  EXPECT_EQ(judged(replies(Outcome::refused, 500), 0.01, strangers).end, ProbeEnd::met);
  EXPECT_EQ(judged(replies(Outcome::refused, 600), 0.01, strangers).end, ProbeEnd::missed);
}

TEST(SearchProbe, WhereUsersRanOutNothingIsSoldAtThatRate) {
  const Probe probe = judged(replies(Outcome::existing, 11));
  EXPECT_EQ(probe.end, ProbeEnd::users_ran_out);
  EXPECT_FALSE(probe.figure_valid());
  EXPECT_THAT(probe.why, HasSubstr("1.1% of the replies were holds that the users had already"));
  EXPECT_EQ(judged(replies(Outcome::existing, 10)).end, ProbeEnd::met) << "one in a hundred";
  const load::Mix repeats{.reserve = 9, .repeat = 1};
  EXPECT_EQ(judged(replies(Outcome::existing, 100), 0.01, repeats).end, ProbeEnd::met)
      << "that is what a repeated request is to get";
  EXPECT_EQ(judged(replies(Outcome::existing, 111), 0.01, repeats).end, ProbeEnd::users_ran_out);
}

// "Sold out" costs the server less than a sale, and comes of what the run was given.
TEST(SearchProbe, WhereTicketsRanOutNothingIsSoldAtThatRate) {
  const Probe probe = judged(replies(Outcome::sold_out, 1));
  EXPECT_EQ(probe.end, ProbeEnd::tickets_ran_out);
  EXPECT_FALSE(probe.figure_valid());
}

TEST(SearchProbe, AGeneratorAtItsEndJudgesNothing) {
  load::LoadResult result = replies(Outcome::error, 500);
  result.figure_valid = false;
  result.figure_why = "a generator thread was busy";
  EXPECT_EQ(judged(result).end, ProbeEnd::generator_limited);
  EXPECT_EQ(judged(result).why, "a generator thread was busy");
}

Probe met_at(double rate_per_s, Verdict verdict = Verdict::pass) {
  return {.rate_per_s = rate_per_s, .end = ProbeEnd::met, .why = "p99 1 ms", .verdict = verdict};
}

SearchResult found_at_100() {
  SearchResult result;
  result.objectives = {"p99<50ms"};
  result.found = {100, 200, 100, 200};
  result.probes = {met_at(100), {.rate_per_s = 200, .why = "p99 80 ms", .verdict = Verdict::pass}};
  return result;
}

// What was not judged to be correct is not met, however quick it was.
TEST(SearchResult, WithoutAPassNoRateIsMet) {
  for (const Verdict verdict : {Verdict::unknown, Verdict::invalid, Verdict::violation}) {
    RateSearch search({.first_per_s = 100, .repeats = 1});
    SearchResult result;
    note_probe(met_at(100), result, search);
    ASSERT_EQ(search.next(), 200);
    note_probe(met_at(200, verdict), result, search);
    EXPECT_FALSE(search.next()) << "no rate can be an answer any more";
    EXPECT_EQ(search.found().met, 100);
    EXPECT_EQ(word_of(result.probes[1], true), properties::name_of(verdict));
  }
  RateSearch search({.first_per_s = 100, .repeats = 1});
  SearchResult plain;
  plain.judged = false;
  note_probe(met_at(100, Verdict::unknown), plain, search);
  EXPECT_EQ(search.next(), 200) << "plain GETs have no verdict";
}

/// The rates that search.json and the terminal show as found.
void expect_no_rate(const SearchResult& result) {
  const auto json = boost::json::parse(result_json(result));
  for (const char* rate : {"met_per_s", "missed_per_s", "low_per_s", "high_per_s"})
    EXPECT_TRUE(json.at(rate).is_null()) << rate;
  EXPECT_THAT(result_text(result), Not(HasSubstr("highest rate")));
  EXPECT_THAT(result_text(result), HasSubstr("no rate is an answer to p99<50ms: "));
}

TEST(SearchResult, NoRateIsShownWithoutAPass) {
  const SearchResult sound = found_at_100();
  EXPECT_THAT(result_text(sound), HasSubstr("highest rate that meets p99<50ms: 100/s, interval "
                                            "100..200/s\n"));
  EXPECT_EQ(boost::json::parse(result_json(sound)).at("met_per_s").to_number<double>(), 100);
  for (const Verdict verdict : {Verdict::unknown, Verdict::invalid, Verdict::violation}) {
    SearchResult result = found_at_100();
    result.probes[0].verdict = verdict;
    expect_no_rate(result);
    EXPECT_FALSE(
        boost::json::parse(result_json(result)).at("measurements").at(0).at("met").as_bool());
    EXPECT_THAT(result_text(result), HasSubstr(std::string(properties::name_of(verdict))));
    result.interrupted = true;
    expect_no_rate(result);
  }
  for (const ProbeEnd end :
       {ProbeEnd::generator_limited, ProbeEnd::tickets_ran_out, ProbeEnd::users_ran_out}) {
    SearchResult result = found_at_100();
    result.probes[1].end = end;
    expect_no_rate(result);
    EXPECT_THAT(result_text(result), HasSubstr("200/s  invalid"));
    EXPECT_EQ(exit_code(result), 12);
  }
  SearchResult broken = found_at_100();
  broken.broke_off = true;
  expect_no_rate(broken);
}

TEST(SearchResult, ItsExitCodeIsOfTheWorstVerdictWhoeverAskedForIt) {
  for (const bool clients_view : {false, true}) {
    SearchResult result = found_at_100();
    result.clients_view = clients_view;
    EXPECT_EQ(exit_code(result), 0);
    result.probes[1].verdict = Verdict::unknown;
    EXPECT_EQ(exit_code(result), 11) << "unknown is never 0";
    result.probes[0].verdict = Verdict::invalid;
    EXPECT_EQ(exit_code(result), 12);
    result.probes[1].verdict = Verdict::violation;
    EXPECT_EQ(exit_code(result), 10);
    result.interrupted = true;
    EXPECT_EQ(exit_code(result), 130);
  }
}

// An oversold event is sold out, too, and that is not the scenario's fault.
TEST(SearchResult, AViolationIsSaidWhateverElseEndedTheSearch) {
  RateSearch search({.first_per_s = 100, .repeats = 1});
  SearchResult result;
  Probe probe = met_at(100, Verdict::violation);
  probe.end = ProbeEnd::tickets_ran_out;
  note_probe(probe, result, search);
  EXPECT_FALSE(search.next());
  EXPECT_EQ(exit_code(result), 10);
  EXPECT_THAT(result_text(result), HasSubstr("violation"));
}

TEST(SearchResult, AHarnessThatFailedIsNoAnswer) {
  SearchResult result = found_at_100();
  result.harness_failed = true;
  expect_no_rate(result);
  EXPECT_EQ(exit_code(result), 70);
}

TEST(SearchResult, WhatIsMetAtTheHighestRateIsALowerBound) {
  SearchResult result = found_at_100();
  result.found = {100, std::nullopt, 100, std::nullopt};
  result.probes.pop_back();
  EXPECT_THAT(result_text(result), HasSubstr("at least 100/s meets p99<50ms: that is --to"));
  EXPECT_THAT(result_text(result), Not(HasSubstr("highest rate that")));
  EXPECT_EQ(boost::json::parse(result_json(result)).at("met_per_s").to_number<double>(), 100);
  EXPECT_EQ(exit_code(result), 0);
}

TEST(SearchResult, AnInterruptedOneSaysWhatWasMetSoFarAndNoHighestRate) {
  SearchResult result = found_at_100();
  result.interrupted = true;
  EXPECT_THAT(result_text(result),
              HasSubstr("interrupted: of p99<50ms, met so far: 100/s, missed: 200/s\n"));
  EXPECT_THAT(result_text(result), Not(HasSubstr("highest rate")));
  EXPECT_TRUE(boost::json::parse(result_json(result)).at("met_per_s").is_null());
}

TEST(SearchResult, ARateStandsBesideWhatItWasMeasuredOn) {
  SearchResult result = found_at_100();
  result.conditions = {{"database", "PostgreSQL 15.18"}, {"durability", "full"}, {"pool", "16"}};
  EXPECT_THAT(result_text(result), HasSubstr("\nPostgreSQL 15.18, durability full, pool 16\n"));
  const auto json = boost::json::parse(result_json(result));
  EXPECT_EQ(json.at("conditions").at("durability").as_string(), "full");
  EXPECT_EQ(json.at("objectives").at(0).as_string(), "p99<50ms");
}

TEST(SearchResult, WithoutAVerdictTheRateDecides) {
  SearchResult result = found_at_100();
  result.judged = false;
  result.probes[0].verdict = Verdict::unknown;
  EXPECT_EQ(exit_code(result), 0);
  result.found.met.reset();
  EXPECT_EQ(exit_code(result), 13);
  result.probes[0].end = ProbeEnd::generator_limited;
  EXPECT_EQ(exit_code(result), 12);
}

}  // namespace
}  // namespace boxoffice::harness
