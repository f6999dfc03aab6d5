// See load_part.hpp.
#include "harness/load_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

namespace json = boost::json;
constexpr std::string_view k_schema = "boxoffice.load_part/2";

json::object histogram_json(const load::Histogram& histogram) {
  json::array counts;
  for (const auto& [bucket, count] : histogram.counts())
    counts.push_back(json::array{bucket, count});
  return {{"precision_bits", histogram.precision_bits()},
          {"min_ns", histogram.min_ns()},
          {"max_ns", histogram.max_ns()},
          {"counts", std::move(counts)}};
}

load::Histogram histogram_of(const json::value& value) {
  std::vector<load::Histogram::BucketCount> counts;
  for (const json::value& pair : value.at("counts").as_array())
    counts.emplace_back(pair.at(0).to_number<std::size_t>(), pair.at(1).to_number<std::uint64_t>());
  return load::Histogram::of_counts(value.at("precision_bits").to_number<int>(), counts,
                                    value.at("min_ns").to_number<std::int64_t>(),
                                    value.at("max_ns").to_number<std::int64_t>());
}

// Each part asked what the events hold before it sent anything; so the one that sent first asked
// before any of them did. Numbers alone do not tell: cancels raise what is available.
const properties::History& first_to_send(const std::vector<properties::History>& parts) {
  const auto begin = [](const properties::History& part) {
    const auto earliest = std::ranges::min_element(part.entries, {}, &properties::Entry::t_ns);
    return earliest == part.entries.end() ? std::numeric_limits<std::int64_t>::max()
                                          : earliest->t_ns;
  };
  return *std::ranges::min_element(parts, {}, begin);
}

void merge_header(properties::Header& header, const properties::Header& other) {
  if (header.hold_us != other.hold_us)
    throw UsageError("the parts do not agree on the server's hold time (--hold)");
  if (header.one_hold_per_user != other.one_hold_per_user ||
      header.ids_per_event != other.ids_per_event)
    throw UsageError("the parts do not agree on what the server's API promises (--adapter)");
  header.clock_slack_us = std::max(header.clock_slack_us, other.clock_slack_us);
  header.versions = header.versions && other.versions;
  for (const properties::EventCapacity& event : other.events) {
    const auto known =
        std::ranges::find(header.events, event.event_id, &properties::EventCapacity::event_id);
    if (known == header.events.end() || header.events.size() != other.events.size())
      throw UsageError("the parts bought from different events (--events)");
    if (known->total_tickets != event.total_tickets)
      throw UsageError(fmt::format("event {} has {} tickets in one part and {} in another",
                                   event.event_id, known->total_tickets, event.total_tickets));
  }
}

void check_complete(const std::vector<LoadPart>& parts) {
  const std::size_t count = parts.at(0).share.parts;
  std::set<std::size_t> there;
  for (const LoadPart& part : parts) {
    const auto [index, of] = part.share;
    if (of == 1) throw UsageError("not made with --part: their users may be the same");
    if (of != count)
      throw UsageError(
          fmt::format("part {}/{} and a part of {} are not of one load", index, of, count));
    if (index < 1 || index > of || !there.insert(index).second)
      throw UsageError(fmt::format("part {}/{} is there twice, or cannot be", index, of));
  }
  std::size_t missing = 1;
  while (there.contains(missing)) ++missing;
  if (missing > count) return;
  throw UsageError(
      fmt::format("part {}/{} is missing: what it bought would look like a loss", missing, count));
}

// Of two boots nobody knows which moment came first.
void check_one_clock(const std::vector<LoadPart>& parts) {
  const auto is_of_another = [&parts](const LoadPart& part) {
    return part.boot_id.empty() || part.boot_id != parts[0].boot_id;
  };
  if (std::ranges::none_of(parts, is_of_another)) return;
  throw UsageError(
      "the parts were recorded on different machines or boots: their clocks cannot be compared, so "
      "their histories give no common verdict");
}

// Of one that was ended before it measured anything nobody knows when that would have been.
void check_together(const std::vector<LoadPart>& parts) {
  const LoadPart *last = nullptr, *first = nullptr;
  for (const LoadPart& part : parts) {
    if (part.window_end_ns <= part.window_begin_ns) continue;
    if (!last || part.window_begin_ns > last->window_begin_ns) last = &part;
    if (!first || part.window_end_ns < first->window_end_ns) first = &part;
  }
  if (!last || last->window_begin_ns < first->window_end_ns) return;
  throw UsageError(fmt::format(
      "part {0}/{2} had ended when part {1}/{2} began to measure: parts of one load run together",
      first->share.part, last->share.part, first->share.parts));
}

}  // namespace

Share share_of(const std::string& text) {
  Share share;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%zu/%zu%c", &share.part, &share.parts, &rest) != 2 ||
      share.part < 1 || share.part > share.parts)
    throw UsageError(fmt::format("--part: '{}' is not such as 2/4", text));
  return share;
}

std::string part_json(const load::LoadResult& result, Share share) {
  const load::Latency& latency = result.success_latency();
  json::object outcomes;
  for (std::size_t i = 0; i < load::k_outcome_count; ++i)
    outcomes[load::k_outcome_names[i]] = result.outcomes.counts[i];
  const json::object part = {
      {"schema", k_schema},
      {"part", share.part},
      {"parts", share.parts},
      {"boot_id", boot_id()},
      {"window_begin_ns", result.window_begin_ns},
      {"window_end_ns",
       result.window_begin_ns + static_cast<std::int64_t>(result.measured_s * 1e9)},
      {"started", result.started},
      {"unsent", result.unsent},
      {"outcomes", std::move(outcomes)},
      {"figure_valid", result.figure_valid},
      {"figure_why", result.figure_why},
      {"interrupted", result.interrupted},
      {"service", histogram_json(latency.service)},
      {"response", histogram_json(latency.response)},
      {"schedule_lag", histogram_json(latency.schedule_lag)}};
  return json::serialize(part) + "\n";
}

LoadPart read_part(const std::string& text, const std::string& where) {
  try {
    const json::value value = json::parse(text);
    if (value.at("schema").as_string() != k_schema) throw std::invalid_argument("another schema");
    LoadPart part;
    part.share = {value.at("part").to_number<std::size_t>(),
                  value.at("parts").to_number<std::size_t>()};
    part.boot_id = std::string(value.at("boot_id").as_string());
    part.window_begin_ns = value.at("window_begin_ns").to_number<std::int64_t>();
    part.window_end_ns = value.at("window_end_ns").to_number<std::int64_t>();
    part.started = value.at("started").to_number<std::uint64_t>();
    part.unsent = value.at("unsent").to_number<std::uint64_t>();
    for (std::size_t i = 0; i < load::k_outcome_count; ++i)
      part.outcomes.counts[i] =
          value.at("outcomes").at(load::k_outcome_names[i]).to_number<std::uint64_t>();
    part.figure_valid = value.at("figure_valid").as_bool();
    part.figure_why = std::string(value.at("figure_why").as_string());
    part.interrupted = value.at("interrupted").as_bool();
    part.latency = {histogram_of(value.at("service")), histogram_of(value.at("response")),
                    histogram_of(value.at("schedule_lag"))};
    return part;
  } catch (const std::exception& error) {
    throw UsageError(fmt::format("{}: is no part of a load run: {}", where, error.what()));
  }
}

MergedLoad merge_parts(const std::vector<LoadPart>& parts) {
  check_complete(parts);
  check_one_clock(parts);
  check_together(parts);
  MergedLoad merged;
  merged.window_begin_ns = parts.at(0).window_begin_ns;
  std::int64_t common_begin = 0, common_end = parts[0].window_end_ns;
  for (const LoadPart& part : parts) {
    merged.window_begin_ns = std::min(merged.window_begin_ns, part.window_begin_ns);
    merged.window_end_ns = std::max(merged.window_end_ns, part.window_end_ns);
    common_begin = std::max(common_begin, part.window_begin_ns);
    common_end = std::min(common_end, part.window_end_ns);
    merged.outcomes += part.outcomes;
    merged.started += part.started;
    merged.unsent += part.unsent;
    merged.latency.service.merge(part.latency.service);
    merged.latency.response.merge(part.latency.response);
    merged.latency.schedule_lag.merge(part.latency.schedule_lag);
    merged.figure_valid = merged.figure_valid && part.figure_valid;
    merged.interrupted = merged.interrupted || part.interrupted;
    if (!part.figure_why.empty()) merged.figure_why.push_back(part.figure_why);
  }
  const double length = static_cast<double>(merged.window_end_ns - merged.window_begin_ns);
  const auto common = static_cast<double>(std::max<std::int64_t>(0, common_end - common_begin));
  merged.overlap = length > 0 ? common / length : 0;
  constexpr double k_overlap_min = 0.9;
  if (merged.overlap < k_overlap_min) {
    merged.figure_valid = false;
    merged.figure_why.push_back(
        fmt::format("all parts were measuring in {:.0f}% of the time only: start them together",
                    100 * merged.overlap));
  }
  return merged;
}

namespace {

// What every part met with is said once.
void note(properties::History& history, properties::Breakage breakage) {
  const auto known = std::ranges::find(history.breakages, breakage.why, &properties::Breakage::why);
  if (known == history.breakages.end()) {
    history.breakages.push_back(std::move(breakage));
  } else if (std::abs(known->clock_moved_us) < std::abs(breakage.clock_moved_us)) {
    known->clock_moved_us = breakage.clock_moved_us;
  }
}

}  // namespace

properties::History merge_histories(std::vector<properties::History> parts) {
  properties::History merged;
  if (parts.empty()) return merged;
  merged.header = first_to_send(parts).header;
  std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> processes;
  std::vector<std::size_t> lengths;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    merge_header(merged.header, parts[part].header);
    for (properties::Entry& entry : parts[part].entries) {
      const auto next = static_cast<std::int64_t>(processes.size());
      entry.process = processes.try_emplace({part, entry.process}, next).first->second;
      merged.entries.push_back(std::move(entry));
    }
    merged.capacities.insert(merged.capacities.end(), parts[part].capacities.begin(),
                             parts[part].capacities.end());
    for (properties::Breakage& breakage : parts[part].breakages) note(merged, std::move(breakage));
    for (std::string& flaw : parts[part].flaws) merged.flaws.push_back(std::move(flaw));
  }
  // Stable: of one process, entries of the same nanosecond keep their order.
  std::ranges::stable_sort(merged.entries, {}, &properties::Entry::t_ns);
  std::int64_t index = 0;
  for (properties::Entry& entry : merged.entries) entry.index = index++;
  return merged;
}

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

}  // namespace boxoffice::harness
