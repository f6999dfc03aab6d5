// Where the time of a trial went and what its successes sent, told by those who know: the server by
// its histograms and counters of reserves (/metrics, boxoffice_reserve_*; of several instances
// added up), the database by its counters (activity.hpp).
//
// Both are read while nothing is in flight, just before the measured window and after its last
// reply, so that their difference is about the measured operations and no others.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/database/activity.hpp"

namespace boxoffice::harness {

/// A Prometheus histogram: counts up to each bound, ascending, the last bound infinite.
struct TimeBuckets {
  std::vector<std::pair<double, double>> up_to;  ///< bound in s, count at or below it
  double sum_s = 0;

  double count() const { return up_to.empty() ? 0 : up_to.back().second; }
  double mean_ms() const { return count() > 0 ? 1e3 * sum_s / count() : 0; }
  /// By linear interpolation within the bucket, as Prometheus does, and never more than the mean
  /// allows (Markov: the share q stays within mean / (1 - q)), for most samples of a part that
  /// nobody waits in are far below the first bound; the last bound where it lies beyond; nothing
  /// where there are too few samples for it.
  std::optional<double> quantile_ms(double share) const;
};

/// By part ("admission", "locking", ...).
using ReserveTimes = std::map<std::string, TimeBuckets>;

/// From the text of /metrics; empty where the family is not in it.
ReserveTimes read_reserve_times(const std::string& metrics);
/// Empty where the later ones are not the earlier ones' continuation: another server, a restart.
ReserveTimes operator-(const ReserveTimes& later, const ReserveTimes& earlier);
/// Of several servers together; empty where one of them did not say.
ReserveTimes sum_of(const std::vector<ReserveTimes>& each);
/// {"count", "parts": {"locking": {"mean", "p50", "p90", "p99"}, ...}}, in milliseconds.
boost::json::object reserve_times_fields(const ReserveTimes& times);

/// What the reserves that made a hold sent to the database, all their tries together.
struct ReserveTraffic {
  std::int64_t statements = 0, round_trips = 0;
};

/// From the text of /metrics; nothing where a counter is not in it.
std::optional<ReserveTraffic> read_reserve_traffic(const std::string& metrics);
/// {"count", "statements", "round_trips"}, of so many holds made.
boost::json::object reserve_traffic_fields(const ReserveTraffic& traffic, std::int64_t holds);

/// All that a server says of its reserves.
struct ServerReading {
  ReserveTimes times;
  std::optional<ReserveTraffic> traffic;  ///< nothing where `times` is empty
};
ServerReading read_server(const std::string& metrics);
/// As for ReserveTimes.
ServerReading operator-(const ServerReading& later, const ServerReading& earlier);
ServerReading sum_of(const std::vector<ServerReading>& each);

class Attribution {
 public:
  /// `targets`: the instances, whose figures are added up.
  Attribution(const std::string& database_url, std::vector<std::string> targets)
      : targets_(std::move(targets)), watch_(database_url) {}

  /// Nothing is in flight. What does not answer is not known.
  void begin() noexcept;
  /// The last reply is there.
  void end();
  /// Adds `reserve_times_ms`, `reserve_traffic` and `database_activity` to a trial's fields, where
  /// they are known, and writes database.csv beside it. `successes`: of the operations between
  /// begin() and end().
  void store(boost::json::object& trial, std::uint64_t successes,
             const std::filesystem::path& directory) const;

 private:
  std::vector<std::string> targets_;
  ActivityWatch watch_;
  std::vector<ServerReading> before_;  // by target
  ServerReading measured_;
};

}  // namespace boxoffice::harness
