// See attribution.hpp.
#include "harness/attribution.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <sstream>

#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"

namespace boxoffice::harness {
namespace {

namespace json = boost::json;

constexpr std::string_view k_family = "boxoffice_reserve_time_seconds_";

/// The value of a label in "name{label="value",...}"; our own labels have nothing to unescape.
std::string label_in(const std::string& line, const std::string& label) {
  const std::string mark = label + "=\"";
  const auto at = line.find(mark);
  if (at == std::string::npos) return "";
  const auto begin = at + mark.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::value or_null(const std::optional<std::int64_t>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object activity_fields(const ActivityWatch::Figures& figures, std::uint64_t successes) {
  return {{"window_s", figures.window_s},
          {"successes", successes},
          {"samples", figures.samples},
          {"sampling_share", figures.sampling_share},
          {"waiting_mean", or_null(figures.waiting_mean)},
          {"lock_waits", or_null(figures.change.lock_waits)},
          {"lock_wait_ms", or_null(figures.change.lock_wait_ms)},
          {"log_bytes", or_null(figures.change.log_bytes)}};
}

ServerReading ask(const std::string& target) {
  const auto reply = http_get(target + "/metrics");
  return reply && reply->status == 200 ? read_server(reply->body) : ServerReading();
}

/// The value of a counter without labels that we ask for.
std::optional<std::int64_t> counter_in(const std::string& metrics, const std::string& name) {
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + "{") || line.starts_with(name + " "))
      return std::llround(std::stod(line.substr(line.rfind(' ') + 1)));
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> TimeBuckets::quantile_ms(double share) const {
  const double rank = share * count();
  if (count() * (1 - share) < 1) return std::nullopt;  // no sample lies above it
  const double most_ms = mean_ms() / (1 - share);
  double low_s = 0, below = 0;
  for (const auto& [bound_s, up_to_bound] : up_to) {
    if (up_to_bound >= rank && up_to_bound > below) {
      if (bound_s == std::numeric_limits<double>::infinity()) break;
      const double inside = (rank - below) / (up_to_bound - below);
      return std::min(most_ms, 1e3 * (low_s + (bound_s - low_s) * inside));
    }
    low_s = bound_s == std::numeric_limits<double>::infinity() ? low_s : bound_s;
    below = up_to_bound;
  }
  return 1e3 * low_s;
}

ReserveTimes read_reserve_times(const std::string& metrics) {
  ReserveTimes times;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(k_family)) continue;
    TimeBuckets& part = times[label_in(line, "part")];
    const double value = std::stod(line.substr(line.rfind(' ') + 1));
    const std::string bound = label_in(line, "le");
    if (line.starts_with(std::string(k_family) + "sum")) part.sum_s = value;
    if (bound.empty()) continue;
    part.up_to.emplace_back(
        bound == "+Inf" ? std::numeric_limits<double>::infinity() : std::stod(bound), value);
  }
  return times;
}

ReserveTimes operator-(const ReserveTimes& later, const ReserveTimes& earlier) {
  ReserveTimes difference = later;
  for (auto& [part, buckets] : difference) {
    const auto before = earlier.find(part);
    if (before == earlier.end() || before->second.up_to.size() != buckets.up_to.size() ||
        before->second.count() > buckets.count()) {
      return {};
    }
    buckets.sum_s -= before->second.sum_s;
    for (std::size_t i = 0; i < buckets.up_to.size(); ++i)
      buckets.up_to[i].second -= before->second.up_to[i].second;
  }
  return difference;
}

ReserveTimes sum_of(const std::vector<ReserveTimes>& each) {
  ReserveTimes sum;
  for (const ReserveTimes& times : each) {
    if (times.empty()) return {};
    for (const auto& [part, buckets] : times) {
      TimeBuckets& all = sum[part];
      if (all.up_to.empty()) {
        all = buckets;
        continue;
      }
      if (all.up_to.size() != buckets.up_to.size()) return {};  // another program's histogram
      all.sum_s += buckets.sum_s;
      for (std::size_t i = 0; i < buckets.up_to.size(); ++i)
        all.up_to[i].second += buckets.up_to[i].second;
    }
  }
  return sum;
}

json::object reserve_times_fields(const ReserveTimes& times) {
  json::object parts;
  for (const auto& [part, buckets] : times) {
    parts[part] = {{"mean", buckets.mean_ms()},
                   {"p50", or_null(buckets.quantile_ms(0.5))},
                   {"p90", or_null(buckets.quantile_ms(0.9))},
                   {"p99", or_null(buckets.quantile_ms(0.99))}};
  }
  return {{"count", static_cast<std::int64_t>(times.begin()->second.count())},
          {"parts", std::move(parts)}};
}

std::optional<ReserveTraffic> read_reserve_traffic(const std::string& metrics) {
  const auto statements = counter_in(metrics, "boxoffice_reserve_statements_total");
  const auto round_trips = counter_in(metrics, "boxoffice_reserve_round_trips_total");
  if (!statements || !round_trips) return std::nullopt;
  return ReserveTraffic{*statements, *round_trips};
}

json::object reserve_traffic_fields(const ReserveTraffic& traffic, std::int64_t holds) {
  return {
      {"count", holds}, {"statements", traffic.statements}, {"round_trips", traffic.round_trips}};
}

ServerReading read_server(const std::string& metrics) {
  return {read_reserve_times(metrics), read_reserve_traffic(metrics)};
}

ServerReading operator-(const ServerReading& later, const ServerReading& earlier) {
  ServerReading difference{later.times - earlier.times, std::nullopt};
  if (difference.times.empty() || !later.traffic || !earlier.traffic) return difference;
  difference.traffic = {later.traffic->statements - earlier.traffic->statements,
                        later.traffic->round_trips - earlier.traffic->round_trips};
  return difference;
}

ServerReading sum_of(const std::vector<ServerReading>& each) {
  std::vector<ReserveTimes> times;
  ReserveTraffic traffic;
  bool all_told = true;
  for (const ServerReading& reading : each) {
    times.push_back(reading.times);
    all_told = all_told && reading.traffic;
    if (!reading.traffic) continue;
    traffic.statements += reading.traffic->statements;
    traffic.round_trips += reading.traffic->round_trips;
  }
  ServerReading sum{sum_of(times), std::nullopt};
  if (all_told && !sum.times.empty()) sum.traffic = traffic;
  return sum;
}

void Attribution::begin() noexcept {
  try {
    for (const std::string& target : targets_) before_.push_back(ask(target));
  } catch (const std::exception&) {  // not known, then
  }
  watch_.begin();
}

void Attribution::end() {
  watch_.end();
  std::vector<ServerReading> each;
  for (std::size_t i = 0; i < before_.size(); ++i) each.push_back(ask(targets_[i]) - before_[i]);
  if (each.size() == targets_.size()) measured_ = sum_of(each);
}

void Attribution::store(json::object& trial, std::uint64_t successes,
                        const std::filesystem::path& directory) const {
  const auto holds = measured_.times.empty()
                         ? 0
                         : static_cast<std::int64_t>(measured_.times.begin()->second.count());
  if (holds > 0) {
    trial["reserve_times_ms"] = reserve_times_fields(measured_.times);
    if (measured_.traffic)
      trial["reserve_traffic"] = reserve_traffic_fields(*measured_.traffic, holds);
  }
  const auto figures = watch_.figures();
  if (!figures) return;
  trial["database_activity"] = activity_fields(*figures, successes);
  write_file(directory / "database.csv", watch_.csv());
}

}  // namespace boxoffice::harness
