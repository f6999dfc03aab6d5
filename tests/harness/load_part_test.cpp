// Parts of one load: stored and read as they were, added up without loss, and refused where they do
// not belong together.
#include "harness/load_part.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/failure.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

load::LoadResult result(std::int64_t first_us, std::int64_t last_us) {
  load::LoadResult result;
  auto& latency = result.latency[load::index_of(load::Outcome::success)];
  for (std::int64_t us = first_us; us <= last_us; ++us) {
    latency.service.record(us * 1000);
    latency.response.record(us * 2000);
    latency.schedule_lag.record(0);
  }
  result.outcomes[load::Outcome::success] = static_cast<std::uint64_t>(last_us - first_us + 1);
  result.outcomes[load::Outcome::sold_out] = 7;
  result.started = 11;
  result.window_begin_ns = 5'000'000'000;
  result.measured_s = 2;
  return result;
}

LoadPart part_of(const load::LoadResult& load, Share share = {}) {
  return read_part(part_json(load, share), "part.json");
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(LoadPart, IsReadAsItWasWritten) {
  const auto load = result(1, 5000);
  const LoadPart part = part_of(load, {2, 3});
  EXPECT_EQ(part.share, (Share{2, 3}));
  EXPECT_EQ(part.latency.service, load.success_latency().service);
  EXPECT_EQ(part.latency.response, load.success_latency().response);
  EXPECT_EQ(part.outcomes, load.outcomes);
  EXPECT_EQ(part.started, 11U);
  EXPECT_EQ(part.window_end_ns - part.window_begin_ns, 2'000'000'000);
  EXPECT_EQ(part.boot_id, boot_id());
  EXPECT_EQ(part_of(load::LoadResult()).latency.service.count(), 0U);
}

TEST(LoadPart, WhatIsNoneIsSaid) {
  std::string text = part_json(result(1, 100), {1, 2});
  for (std::size_t length = 0; length < text.size() - 1; length += 37) {
    EXPECT_THAT(refusal([&] { read_part(text.substr(0, length), "part.json"); }),
                HasSubstr("part.json: is no part of a load run"))
        << length;
  }
  const auto at = text.find("\"max_ns\":") + 9;
  EXPECT_THAT(refusal([&] { read_part(text.substr(0, at) + "9" + text.substr(at), "p"); }),
              HasSubstr("those of the buckets"));
}

// The percentiles of the merged parts are those of one generator that had measured everything.
TEST(LoadPart, MergingLosesNothing) {
  const auto whole = result(1, 9000);
  const auto merged =
      merge_parts({part_of(result(1, 2000), {3, 3}), part_of(result(2001, 2001), {1, 3}),
                   part_of(result(2002, 9000), {2, 3})});
  EXPECT_EQ(merged.latency.service, whole.success_latency().service);
  EXPECT_EQ(merged.latency.response, whole.success_latency().response);
  EXPECT_EQ(merged.outcomes[load::Outcome::success], 9000U);
  EXPECT_EQ(merged.outcomes[load::Outcome::sold_out], 21U);
  EXPECT_TRUE(merged.figure_valid);
  EXPECT_DOUBLE_EQ(merged.overlap, 1);
}

TEST(LoadPart, PartsThatWereNotTogetherAreNoFigure) {
  auto late = result(1, 10);
  late.window_begin_ns += 1'000'000'000;
  const auto merged = merge_parts({part_of(result(1, 10), {1, 2}), part_of(late, {2, 2})});
  EXPECT_FALSE(merged.figure_valid);
  ASSERT_THAT(merged.figure_why, SizeIs(1));
  EXPECT_THAT(merged.figure_why[0], HasSubstr("33%"));
  auto elsewhere = part_of(late, {1, 2});
  elsewhere.boot_id = "another";
  EXPECT_THAT(refusal([&] {
                merge_parts({part_of(late, {2, 2}), elsewhere});
              }),
              HasSubstr("different machines"));
  elsewhere.window_begin_ns += 1'000'000'000'000;  // of another clock, which says nothing
  elsewhere.window_end_ns += 1'000'000'000'000;
  EXPECT_THAT(refusal([&] {
                merge_parts({part_of(late, {2, 2}), elsewhere});
              }),
              HasSubstr("different machines"));
}

TEST(LoadPart, PartsThatNeverMetAreNoLoad) {
  auto late = result(1, 10);
  late.window_begin_ns += 2'000'000'000;
  const auto merging = [](const load::LoadResult& other) {
    return refusal([&] {
      merge_parts(
          {part_of(result(1, 10), {1, 3}), part_of(other, {2, 3}), part_of(result(1, 10), {3, 3})});
    });
  };
  EXPECT_THAT(merging(late), HasSubstr("had ended when part 2/3 began to measure"));
  late.window_begin_ns -= 1;
  EXPECT_EQ(merging(late), "");
  EXPECT_EQ(merging(load::LoadResult()), "") << "it was ended before it measured anything";
}

TEST(LoadPart, WhatWasNeverSentIsAddedUp) {
  auto load = result(1, 10);
  load.unsent = 1;
  EXPECT_EQ(part_of(load).unsent, 1U);
  const auto merged = merge_parts({part_of(load, {1, 2}), part_of(result(1, 10), {2, 2})});
  EXPECT_EQ(merged.unsent, 1U);
  EXPECT_TRUE(merged.figure_valid) << "the generators kept up: what was sold stands, as of `load`";
  EXPECT_THAT(load::unsent_why(merged.unsent, merged.started), HasSubstr("1 of 23 requests"));
}

/// The tickets that a missing part bought would look lost, and users of two would meet.
TEST(LoadPart, AllPartsOfOneLoadEachOnceOrNone) {
  const auto merging = [](std::vector<Share> shares) {
    std::vector<LoadPart> parts;
    for (const Share share : shares) parts.push_back(part_of(result(1, 10), share));
    return refusal([&] { merge_parts(parts); });
  };
  EXPECT_EQ(merging({{2, 2}, {1, 2}}), "");
  EXPECT_THAT(merging({{1, 3}, {3, 3}}), HasSubstr("part 2/3 is missing"));
  EXPECT_THAT(merging({{1, 2}, {1, 2}}), HasSubstr("part 1/2 is there twice"));
  EXPECT_THAT(merging({{1, 2}, {2, 3}}), HasSubstr("not of one load"));
  EXPECT_THAT(merging({{1, std::size_t{1} << 60}, {2, std::size_t{1} << 60}}),
              HasSubstr("part 3/1152921504606846976 is missing"));
  EXPECT_THAT(merging({{1, 1}, {1, 1}}), HasSubstr("not made with --part"));
}

properties::History history(std::int64_t version, std::vector<std::int64_t> times) {
  properties::History history;
  history.header.hold_us = 1000;
  history.header.events = {{1, 10, 10 - version, version}};
  for (const std::int64_t t_ns : times) {
    properties::Entry entry;
    entry.index = static_cast<std::int64_t>(history.entries.size());
    entry.t_ns = t_ns;
    entry.process = 1;
    history.entries.push_back(entry);
  }
  return history;
}

TEST(LoadPart, HistoriesKeepTheirProcessesApartAndTheirTimesTogether) {
  const auto merged = merge_histories({history(2, {20, 40}), history(0, {10, 30})});
  ASSERT_THAT(merged.entries, SizeIs(4));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(merged.entries[i].index, static_cast<std::int64_t>(i));
    EXPECT_EQ(merged.entries[i].t_ns, static_cast<std::int64_t>(10 * (i + 1)));
  }
  EXPECT_EQ(merged.entries[0].process, merged.entries[2].process);
  EXPECT_EQ(merged.entries[1].process, merged.entries[3].process);
  EXPECT_NE(merged.entries[0].process, merged.entries[1].process);
  EXPECT_EQ(merged.header.events[0].version, 0) << "before the first of all";
  EXPECT_EQ(merged.header.events[0].available_tickets, 10);
  auto other = history(0, {});
  other.header.events[0].event_id = 2;
  EXPECT_THAT(refusal([&] { merge_histories({history(0, {}), other}); }), HasSubstr("--events"));
  other = history(0, {});
  other.header.hold_us = 2000;
  EXPECT_THAT(refusal([&] { merge_histories({history(0, {}), other}); }), HasSubstr("--hold"));
  other = history(0, {});
  other.header.one_hold_per_user = false;
  EXPECT_THAT(refusal([&] { merge_histories({history(0, {}), other}); }), HasSubstr("--adapter"));
  other = history(0, {});
  other.header.ids_per_event = true;
  EXPECT_THAT(refusal([&] { merge_histories({history(0, {}), other}); }), HasSubstr("--adapter"));
}

/// Without versions: the other one asked after a cancel, and was told of more.
TEST(LoadPart, WhatAnEventHeldIsWhatWasSaidBeforeAnythingWasSent) {
  auto first = history(0, {10, 30}), second = history(0, {20, 40});
  first.header.events[0].available_tickets = 5;
  second.header.events[0].available_tickets = 7;
  for (auto& part : {&first, &second}) part->header.versions = false;
  for (const auto& merged : {merge_histories({first, second}), merge_histories({second, first})}) {
    EXPECT_EQ(merged.header.events[0].available_tickets, 5);
  }
  second.header.events[0].total_tickets = 11;
  EXPECT_THAT(refusal([&] { merge_histories({first, second}); }), HasSubstr("11 in another"));
}

}  // namespace
}  // namespace boxoffice::harness
