// The stored history: whatever is written is read back as it was; whatever is broken is named by
// line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::properties {
namespace {

Header full_header() {
  Header header;
  header.run_id = "20260101T000000Z-verify-ab12";
  header.seed = 18446744073709551615ULL;
  header.hold_us = 1'000'000;
  header.clock_slack_us = 1000;
  header.events = {{1, 100, 90, 4}, {2, 5, 5, 0}};
  header.evidence = {true, false, true, false};
  header.versions = false;
  header.one_hold_per_user = false;
  header.ids_per_event = true;
  header.audit_due = true;
  header.others_may_edit = true;
  header.early_visibility = true;
  return header;
}

Entry full_entry() {
  Entry entry;
  entry.index = 7;
  entry.t_ns = 123456789012345;
  entry.t_sched_ns = 123456789012000;
  entry.process = 3;
  entry.type = EntryType::info;
  entry.f = Function::cancel;
  entry.event_id = 2;
  entry.request_id = "0b8f0000-0000-4000-8000-000000000001";
  entry.in = {11, 2, 33};
  entry.out = {200, ReservationStatus::expired, 33, 11, 2, -1, 12, 1767225600000000};
  entry.error = {"odd \"code\" \\ \n \x01 \xc3\xa9", 503, "receive"};
  return entry;
}

/// Its invocation: an entry that says the least.
Entry call_of(const Entry& completion) {
  Entry call;
  call.index = completion.index - 1;
  call.t_ns = completion.t_ns - 1;
  call.process = completion.process;
  call.f = completion.f;
  call.event_id = completion.event_id;
  return call;
}

TEST(HistoryJson, WhatBrokeIsALineOfItsOwn) {
  const Breakage clock{"the machine's clock was set by +2.000 s", 2'000'000}, other{"it died", 0};
  Fault full{"disk-full", 5, 9, 3, true, "no space was left", true};
  std::string text;
  append_line(text, full_header());
  append_line(text, clock);
  append_line(text, full);
  append_line(text, other);
  const auto read = read_history(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->history.breakages, testing::ElementsAre(clock, other));
  EXPECT_THAT(read->history.faults, testing::ElementsAre(full));
  EXPECT_FALSE(read_history(text + "{\"type\":\"broke\"}\n"));
}

TEST(HistoryJson, WhatChangedBesideTheOperationsIsALineOfItsOwn) {
  History written{full_header(), {}};
  const FinalCapacity changed{2, 7}, unknown{1, {}};
  std::string text;
  append_line(text, written.header);
  append_line(text, changed);
  append_line(text, unknown);
  const auto read = read_history(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->history.capacities, testing::ElementsAre(changed, unknown));
  const auto odd = read_history(text + "{\"type\":\"capacity\"}\n");
  ASSERT_FALSE(odd);
  EXPECT_EQ(4, odd.error().line);
}

/// What is wrong with a history of these entries that says it has `entries`, or does not say.
std::vector<std::string> flaws_of(const std::vector<Entry>& written,
                                  std::optional<std::int64_t> entries) {
  Header header = full_header();
  header.end_due = true;
  std::string text;
  append_line(text, header);
  for (const Entry& entry : written) append_line(text, entry);
  if (entries) append_end(text, *entries);
  const auto read = read_history(text);
  EXPECT_TRUE(read) << read.error().message;
  return read->history.flaws;
}

// Cut where nothing was under way, it looks like a shorter run.
TEST(HistoryJson, WithoutItsEndItIsNotTheWholeHistory) {
  const std::vector<Entry> whole = {call_of(full_entry()), full_entry()};
  EXPECT_THAT(flaws_of(whole, 2), testing::IsEmpty());
  EXPECT_THAT(flaws_of(whole, {}), testing::ElementsAre(testing::HasSubstr("no end after its 2")));
  EXPECT_THAT(flaws_of({}, {}), testing::SizeIs(1));
  EXPECT_THAT(flaws_of({}, 2),
              testing::ElementsAre("0 entries are there of the 2 that were written"));
}

TEST(HistoryJson, ItEndsOnce) {
  std::string text;
  append_line(text, full_header());
  append_end(text, 0);
  append_end(text, 0);
  const auto read = read_history(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(3, read.error().line);
}

TEST(HistoryJson, WritesTheFieldsInTheirOrderAndOmitsWhatIsAbsent) {
  Entry entry;
  entry.index = 1;
  entry.t_ns = 5;
  entry.t_sched_ns = 4;
  entry.process = 2;
  entry.type = EntryType::ok;
  entry.f = Function::read;
  entry.event_id = 9;
  entry.out.http = 200;
  entry.out.available = 0;
  std::string line;
  append_line(line, entry);
  EXPECT_EQ(line,
            "{\"index\":1,\"t_ns\":5,\"t_sched_ns\":4,\"process\":2,\"type\":\"ok\",\"f\":\"read\","
            "\"event_id\":9,\"out\":{\"http\":200,\"available\":0}}\n");
}

TEST(HistoryJson, RoundTrips) {
  std::string text;
  append_line(text, full_header());
  for (const Entry& entry : {call_of(full_entry()), full_entry()}) append_line(text, entry);
  const auto read = read_history(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->truncated);
  EXPECT_EQ(read->history.header, full_header());
  EXPECT_THAT(read->history.entries, testing::ElementsAre(call_of(full_entry()), full_entry()));
  EXPECT_THAT(read->history.flaws, testing::IsEmpty());
}

/// A double has not as many digits as an id may have, and a hold may last until the year 9999.
TEST(HistoryJson, AnyIdAndAnyMomentIsReadAsItWasWritten) {
  constexpr std::int64_t k_end_of_9999_us = 253'402'300'799'000'000;
  for (const std::int64_t id :
       {k_id_max, -k_id_max, (std::int64_t{1} << 53) + 1, (std::int64_t{1} << 60) + 1}) {
    Header header = full_header();
    header.events[1].event_id = id;
    Entry entry = full_entry();
    entry.event_id = entry.in.user_id = entry.in.reservation_id = id;
    entry.out.reservation_id = entry.out.user_id = id;
    entry.out.expires_us = k_end_of_9999_us;
    std::string text;
    append_line(text, header);
    append_line(text, call_of(entry));
    append_line(text, entry);
    const auto read = read_history(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->history.header, header);
    EXPECT_EQ(read->history.entries.at(1), entry);
    Audit audit;
    audit.events = {{id, 100, 90, 4, 90, 4}};
    audit.reservations.push_back({id, id, id, 3, ReservationStatus::reserved, k_end_of_9999_us,
                                  std::nullopt, "r", 1, std::nullopt, 5, 9});
    text.clear();
    append_audit(text, audit);
    const auto rows = read_audit(text);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->events, audit.events);
    EXPECT_EQ(rows->reservations, audit.reservations);
    Verdict verdict;
    verdict.violations = {{"X1", "lost", id, {12}, {id}}};
    const auto stored = read_verdict(verdict_line(verdict));
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(*stored, verdict);
  }
}

/// As it was written before there was a word of when the database is to be asked.
TEST(HistoryJson, AHeaderOfEarlierPromisesLess) {
  Header header;
  header.events = {{1, 5, 5, 0}};
  std::string text;
  append_line(text, header);
  for (const char* later : {"audit_due", "ids_per_event"})
    EXPECT_THAT(text, testing::Not(testing::HasSubstr(later)));
  EXPECT_EQ(read_history(text).value().history.header, header);
}

TEST(HistoryJson, RoundTripsStringsOfAnyLength) {
  for (std::size_t length : {900U, 1000U, 1023U, 1024U, 1025U, 5000U}) {
    Entry entry = full_entry();
    entry.error.code = std::string(length, 'x') + std::string(length, '\x02');
    entry.request_id = std::string(length, '"');
    std::string text;
    append_line(text, full_header());
    append_line(text, call_of(entry));
    append_line(text, entry);
    const auto read = read_history(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->history.entries.at(1), entry);
  }
}

TEST(HistoryJson, EachCutOfTheLastLineIsATruncationAndLosesOnlyIt) {
  std::string whole;
  append_line(whole, full_header());
  append_line(whole, call_of(full_entry()));
  std::string last;
  append_line(last, full_entry());
  for (std::size_t cut = 1; cut + 1 < last.size(); ++cut) {
    const auto read = read_history(whole + last.substr(0, cut));
    ASSERT_TRUE(read) << cut << ": " << read.error().message;
    EXPECT_TRUE(read->truncated) << cut;
    EXPECT_EQ(read->history.entries.size(), 1U);
    EXPECT_THAT(
        read->history.flaws,
        testing::ElementsAre("line 3 is cut off: the harness died in it",
                             "1 operations have no completion, the first is that of line 2"));
  }
  const auto complete = read_history(whole + last.substr(0, last.size() - 1));
  ASSERT_TRUE(complete);
  EXPECT_FALSE(complete->truncated) << "only the newline is missing: the entry is whole";
  EXPECT_EQ(complete->history.entries.size(), 2U);
}

TEST(HistoryJson, GarbageIsNamedByItsLine) {
  std::string text;
  append_line(text, full_header());
  append_line(text, call_of(full_entry()));
  const std::string start =
      R"({"index":9,"t_ns":123456789012345,"process":3,"event_id":2,"f":"cancel",)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"garbage\n", "syntax"},
      {"[]\n", "not a JSON object"},
      {"{\"index\":1\n", "ends within"},
      {"{\"t_ns\":1}\n", "\"index\" is missing"},
      {"{\"index\":\"1\"}\n", "\"index\" is not a 64-bit integer"},
      {"{\"index\":1,\"t_ns\":1,\"process\":1,\"type\":\"maybe\"}\n", "\"type\""},
      {start + R"("type":"ok","colour":"red"})"
               "\n",
       "field \"colour\" is unknown"},
      {start + R"("type":"ok","out":{"seat":1}})"
               "\n",
       "field \"seat\" is unknown"},
      {start + R"("type":"ok","in":{"quantity":3000000000}})"
               "\n",
       "\"quantity\" is out of range"},
      {start + R"("type":"ok","out":{"available":9007199254740992}})"
               "\n",
       "\"available\" is out of range"},
      {R"({"index":6,"t_ns":1,"process":4,"event_id":2,"f":"read","type":"invoke"})"
       "\n",
       "index 6 was there before"},
      {R"({"index":9,"t_ns":123456789012343,"process":3,"event_id":2,"f":"cancel","type":"ok"})"
       "\n",
       "process 3 goes back in time"},
      {R"({"index":5,"t_ns":123456789012344,"process":3,"event_id":2,"f":"cancel","type":"ok"})"
       "\n",
       "process 3 goes back in time, or in its indices"},
      {start + R"("type":"invoke"})"
               "\n",
       "process 3 begins an operation within that of line 2"},
      {R"({"index":9,"t_ns":1,"process":4,"event_id":2,"f":"read","type":"ok"})"
       "\n",
       "process 4 completes what it had not begun"},
  };
  for (const auto& [line, what] : cases) {
    const auto read = read_history(text + line + "{}\n");
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error().line, 3) << line;
    EXPECT_NE(read.error().message.find(what), std::string::npos) << read.error().message;
  }
}

TEST(HistoryJson, AnotherSchemaOrAnUnknownFieldOfTheHeaderIsNamed) {
  std::string text;
  append_line(text, full_header());
  for (const auto& [part, by, what] :
       {std::tuple("boxoffice.history/1", "boxoffice.history/2", "\"schema\" is not"),
        std::tuple("\"seed\"", "\"seeds\"", "field \"seeds\" is unknown"),
        std::tuple("\"expiry\"", "\"expiries\"", "field \"expiries\" is unknown"),
        std::tuple("\"hold_us\":1000000", "\"hold_us\":1000000000000001",
                   "\"hold_us\" is out of range")}) {
    std::string other = text;
    other.replace(other.find(part), std::string_view(part).size(), by);
    const auto read = read_history(other);
    ASSERT_FALSE(read) << by;
    EXPECT_EQ(read.error().line, 1);
    EXPECT_THAT(read.error().message, testing::HasSubstr(what));
  }
}

TEST(HistoryJson, AMissingCompletionIsSaidWithItsLineAndIsNeverAPass) {
  Header header = full_header();
  header.versions = true;
  header.audit_due = header.others_may_edit = false;
  header.evidence = {};
  Entry read;
  read.event_id = 1;
  read.process = 1;
  Entry reply = read;
  reply.index = 1;
  reply.t_ns = 10;
  reply.type = EntryType::ok;
  reply.out.http = 200;
  reply.out.available = 90;
  reply.out.version = 4;
  std::string text;
  append_line(text, header);
  append_line(text, read);
  append_line(text, reply);
  EXPECT_EQ(judge(read_history(text).value().history, std::nullopt).outcome, Outcome::pass);
  read.index = 2;
  read.t_ns = 11;
  append_line(text, read);
  const auto stored = read_history(text);
  ASSERT_TRUE(stored) << stored.error().message;
  const Verdict verdict = judge(stored->history, std::nullopt);
  EXPECT_EQ(verdict.outcome, Outcome::invalid);
  EXPECT_EQ(
      verdict.checks.at(0).note,
      "1 operations have no completion, the first is that of line 4: nothing else was judged");
}

TEST(HistoryJson, WithoutItsHeaderThereIsNoHistory) {
  EXPECT_FALSE(read_history(""));
  EXPECT_FALSE(read_history("{\"schema\":\"boxoffice.hist"));
  std::string text;
  append_line(text, full_entry());
  const auto read = read_history(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().line, 1);
}

}  // namespace
}  // namespace boxoffice::properties
