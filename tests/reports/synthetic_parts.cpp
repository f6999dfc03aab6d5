// The documents of a made-up run, from formulas: the shapes are those of docs/run-directory.md.
#include "tests/reports/synthetic_parts.hpp"

#include <fmt/format.h>

#include <cmath>

#include "properties/history_json.hpp"

namespace boxoffice::reports::test {

namespace json = boost::json;

namespace {

json::object part_json(double mean_ms) {
  return {{"mean", mean_ms}, {"p50", mean_ms * 0.75}, {"p90", mean_ms * 2}, {"p99", mean_ms * 4}};
}

}  // namespace

json::object latency_json(double scale_ms) {
  return {{"count", 20000},          {"p50", scale_ms},       {"p90", scale_ms * 1.8},
          {"p95", scale_ms * 2.2},   {"p99", scale_ms * 3.5}, {"p999", scale_ms * 7.25},
          {"max", scale_ms * 12.125}};
}

std::string hdr_text(double scale_ms) {
  std::string text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  for (int step = 0; step <= 80; ++step) {
    const double tail = std::pow(10.0, -step / 20.0);
    text += fmt::format("{:12.3f} {:.12f} {:10d} {:14.2f}\n",
                        scale_ms * (0.5 + 0.7213 * -std::log(tail)), 1 - tail,
                        static_cast<int>(20000 * (1 - tail)), 1 / tail);
  }
  text += fmt::format("{:12.3f} {:.12f} {:10d} {:>14}\n", scale_ms * 12.1, 1.0, 20000, "inf");
  text += "#[Mean    =        1.000, StdDeviation   =        1.000]\n";
  return text +
         fmt::format("#[Max     = {:12.3f}, Total count    = {:>12}]\n", scale_ms * 12.1, 20000);
}

json::object manifest_json(int rounds) {
  return {{"schema", "boxoffice.manifest/1"},
          {"run_id", "20250101T120000Z-compare-1a2b3c"},
          {"command", "compare"},
          {"started_at", "2025-01-01T12:00:00Z"},
          {"finished_at", "2025-01-01T12:06:00Z"},
          {"interrupted", false},
          {"seed", 18446744073709551615ULL},
          {"git_commit", "fa541f4"},
          {"build_type", "Release"},
          {"version", "0.1.0"},
          {"argv", {"boxoffice", "compare", "--seed", "42"}},
          {"configuration", {{"duration", "5s"}, {"hold", 300}}},
          {"host",
           {{"cores", 2},
            {"memory_bytes", 8589934592},
            {"kernel", "6.1.0"},
            {"cpu", "Example CPU"},
            {"governor", nullptr}}},
          {"database",
           {{"engine", "postgresql"},
            {"version", "15.6"},
            {"settings", {{"max_connections", "300"}, {"fsync", "on"}}},
            {"durability", "full"},
            {"storage", "disk"},
            {"isolation", "read committed"}}},
          {"rounds", rounds},
          {"indicative", rounds < 7},
          {"warnings", json::array()},
          {"reference",
           {{{"name", "pgbench"}, {"strategy", "atomic"}, {"clients", 16}, {"per_s", 1840.5}}}},
          {"complexity",
           {{"pessimistic", {{"lines", 96}}},
            {"optimistic", {{"lines", 141}}},
            {"atomic", {{"lines", 88}}}}},
          {"scenarios",
           {{{"name", "spread"}, {"summary", "64 events, buyers spread evenly"}},
            {{"name", "hot"}, {"summary", "one event, everybody wants it"}, {"events", 1}}}}};
}

void add_attribution(json::object& trial, double scale_ms, std::int64_t successes) {
  trial["reserve_times_ms"] = {{"count", successes},
                               {"parts",
                                {{"admission", part_json(0)},
                                 {"pool", part_json(scale_ms / 8)},
                                 {"locking", part_json(scale_ms / 2)},
                                 {"statements", part_json(0.25)},
                                 {"commit", part_json(scale_ms / 4)},
                                 {"pauses", part_json(0)},
                                 {"server", part_json(0.0625)}}}};
  trial["database_activity"] = {{"window_s", 4.0},         {"successes", successes},
                                {"samples", 60},           {"sampling_share", 0.0075},
                                {"waiting_mean", 6.5},     {"lock_waits", nullptr},
                                {"lock_wait_ms", nullptr}, {"log_bytes", 1200 * successes}};
  trial["commits_per_success"] = 1.0625;
  trial["reserve_traffic"] = {
      {"count", successes}, {"statements", 5 * successes}, {"round_trips", 2 * successes}};
}

std::string lost_update_history(bool with_fault) {
  using namespace boxoffice::properties;
  std::string text;
  Header header;
  header.run_id = "control";
  header.events = {{.event_id = 7, .total_tickets = 50, .available_tickets = 50, .version = 0}};
  append_line(text, header);
  Entry entry;
  entry.index = 211;
  entry.t_ns = entry.t_sched_ns = 1'000'000;
  entry.process = 3;
  entry.f = Function::reserve;
  entry.event_id = 7;
  entry.in = {.user_id = 31, .quantity = 1};
  append_line(text, entry);
  Entry second = entry;
  second.index = 212;
  second.t_ns = 1'400'000;
  second.process = 11;
  second.in.user_id = 45;
  append_line(text, second);
  entry.index = 213;
  entry.t_ns = 2'900'000;
  entry.type = second.type = EntryType::ok;
  entry.out.http = 201;
  entry.out.reservation_id = 101;
  entry.out.quantity = 1;
  entry.out.status = ReservationStatus::reserved;
  entry.out.version = 40;
  entry.out.available = 10;
  append_line(text, entry);
  second.index = 214;
  second.t_ns = 3'100'000;
  second.out = entry.out;
  second.out.reservation_id = 102;
  append_line(text, second);
  if (!with_fault) return text;
  // One that nobody was told the end of, and one that was refused while the server was away.
  Entry lost = entry;
  lost.index = 215;
  lost.t_ns = lost.t_sched_ns = 1'500'000;
  lost.process = 12;
  lost.type = EntryType::invoke;
  lost.in = {.user_id = 46, .quantity = 2};
  lost.out = {};
  append_line(text, lost);
  lost.index = 216;
  lost.t_ns = 3'900'000;
  lost.type = EntryType::info;
  lost.error = {.code = "connection_reset", .http = 0, .phase = "receive"};
  append_line(text, lost);
  Entry refused = lost;
  refused.index = 217;
  refused.t_ns = 4'000'000;
  refused.process = 3;
  refused.type = EntryType::invoke;
  refused.error = {};
  append_line(text, refused);
  refused.index = 218;
  refused.t_ns = 4'300'000;
  refused.type = EntryType::fail;
  refused.error = {.code = "sold_out", .http = 409, .phase = ""};
  append_line(text, refused);
  append_line(text, Fault{.kind = "kill-server",
                          .t_ns = 2'000'000,
                          .healed_ns = 3'800'000,
                          .in_flight = 31,
                          .landed = true,
                          .evidence = "the server ended with 137, <b>signal 9</b>"});
  return text;
}

}  // namespace boxoffice::reports::test
