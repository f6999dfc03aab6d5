// What to send, how fast and for how long: everything a run of the generator depends on, as data.
//
// A plan with a rate is an open loop: requests leave on a schedule that does not wait for replies.
// Without one it is a closed loop: each connection sends when it has its reply. All choice (which
// operation, which event, which hold, every request id) derives from the seed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/adapter.hpp"
#include "harness/load/schedule.hpp"
#include "harness/load/text_ids.hpp"

namespace boxoffice::load {

/// A provisioned account: the token is what POST /login returned ("id|plaintext").
struct User {
  std::int64_t id = 0;
  std::string token;
};

/// Relative weights of the operations; only their ratios count, at least one must be positive.
struct Mix {
  double reserve = 1;
  double purchase = 0;
  double cancel = 0;
  double read = 0;
  double stranger = 0;  ///< purchase or cancel of what another user holds: 404, or a bug
  double repeat = 0;    ///< the client's last reserve once more, with the same request id

  double sum() const { return reserve + purchase + cancel + read + stranger + repeat; }
};

enum class SkewKind { uniform, zipf, hot };

/// How the event of a request is chosen from the plan's events.
struct Skew {
  SkewKind kind = SkewKind::uniform;
  double theta = 0.99;         ///< zipf: the i-th event has weight 1 / i^theta
  std::size_t hot_events = 1;  ///< hot: the first so many events ...
  double hot_share = 0.9;      ///< hot: ... get this share of the requests, the others the rest
};

/// Which user a logical client acts as. An active hold of one's own makes `reserve` idempotent, so
/// a load that is to sell tickets has to move on to another user after each hold.
enum class UserChoice {
  one_reserve_per_user,  ///< after each hold the next unused user of its share, wrapping around
  stay,                  ///< keeps its user (until an indeterminate operation)
  /// Each user asks until it has its answer, a ticket or "sold out", and is gone; the run ends when
  /// all are. Closed loop only. A server's answers a second are then of as many people as there
  /// are, not of those who ask again for what they hold already.
  leave,
};

struct Progress;

struct LoadPlan {
  std::string target;  ///< "http(s)://host:port", or "unix:/path/to/socket"
  /// More instances of the same service, on the same database, none of them https. Each logical
  /// client then has a connection to every one and sends its requests to them in turn, as behind a
  /// balancer: what it holds at one instance it cancels at the next.
  std::vector<std::string> further_targets;
  std::string ca;  ///< of https: a file of authorities to trust instead of the system's
  Adapter adapter = own_api();                              ///< the shape of its API
  std::shared_ptr<TextIds> event_texts, reservation_texts;  ///< null: the ids are numbers
  std::vector<User> users;           ///< at least as many as connections, unless all are reads
  std::vector<std::int64_t> events;  ///< ids; the first ones are the popular ones

  std::size_t connections = 1;        ///< each is one logical client, sequential
  std::size_t threads = 1;            ///< at most as many as connections
  std::optional<double> rate_per_s;   ///< open loop; absent: closed loop, or stages
  std::vector<Stage> stages;          ///< open loop whose rate changes; rate_per_s is absent then
  std::chrono::nanoseconds think{0};  ///< closed loop: pause between a reply and the next request
  /// A planted slowdown: to each request come so many that are sent and judged like any other, and
  /// are in no figure.
  double uncounted_share = 0;
  /// Closed loop: a pause before who was told that nobody is there (Outcome::error) asks again.
  std::chrono::nanoseconds pause_when_away{0};

  std::chrono::nanoseconds warmup{0};  ///< recorded, but left out of the figures
  std::chrono::nanoseconds duration = std::chrono::seconds{10};  ///< of the measured window
  std::optional<std::uint64_t> max_operations;  ///< of the whole run, warm-up included
  bool stop_when_sold_out = false;              ///< ends once every event was seen sold out
  /// What the run has to have seen; may be empty. Asked four times a second once `duration` is
  /// over: until it is true the window stays open, for `duration_max` in all.
  std::function<bool(const Progress&)> enough;
  std::chrono::nanoseconds duration_max{0};

  /// The latest end of the window, from its begin.
  std::chrono::nanoseconds window_max() const {
    return enough ? std::max(duration, duration_max) : duration;
  }

  Mix mix;
  Skew skew;
  UserChoice user_choice = UserChoice::one_reserve_per_user;
  std::int64_t quantity_max = 1;  ///< a reserve asks for 1 to so many tickets
  /// So many purchases in all, dealt out to the connections; what is drawn beyond them is a cancel.
  /// Absent: no bound.
  std::optional<std::uint64_t> purchases_max;
  /// Whether `repeat` may ask again what got no answer: only where somebody reads the rows
  /// afterwards, for replies alone could not tell which of the two reserved.
  bool repeats_lost = false;
  std::string get_path;  ///< not empty: send plain GETs of this path instead (no JSON is read)

  std::uint64_t seed = 1;
  /// Request ids derive from the seed and this. A server returns the old reservation for a request
  /// id that it knows, so two runs of one seed against one database need two salts.
  std::uint64_t request_id_salt = 0;

  std::chrono::milliseconds timeout{10'000};               ///< of one request, connecting included
  std::chrono::milliseconds drain_timeout{5'000};          ///< for what is in flight at the end
  std::chrono::milliseconds hurried_drain_timeout{5'000};  ///< at most, where it is interrupted
  std::chrono::milliseconds timeseries_step{1'000};
  std::chrono::milliseconds lag_bound{10};  ///< more than 1% sent later than this: figure invalid

  /// Called by one generator thread just before the measured window begins, while nothing is in
  /// flight; the window begins when it returns. Must not throw. May be empty.
  std::function<void()> before_measuring;

  /// Appended to, created where it is missing; its header line is the caller's. Empty: no
  /// recording.
  std::filesystem::path history_path;

  std::vector<std::string> targets() const {
    std::vector<std::string> all{target};
    all.insert(all.end(), further_targets.begin(), further_targets.end());
    return all;
  }
  bool open_loop() const { return rate_per_s || !stages.empty(); }
  /// Requests a second that are due, on average; nothing in a closed loop.
  std::optional<double> offered_per_s() const {
    return stages.empty() ? rate_per_s : mean_rate_per_s(stages);
  }
};

}  // namespace boxoffice::load
