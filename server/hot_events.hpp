// Which events are asked for most right now, and what is left of them: for the live dashboard.
//
// A table of a fixed number of events, whatever their number in the database: one that is not in it
// takes the place of the least asked-for, and its score with it ("Space-Saving": A. Metwally et
// al., "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005), so that what
// is asked for often stays. Scores halve every few seconds: hot is what is hot now. What is left
// is what the newest reply said; nothing is asked of the database.
//
// It is a ranking, not accounting: whoever finds the table taken leaves his sample out and does not
// wait. Only a reply that knows the event brings one in, so that invented ids displace nothing.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <vector>

#include "server/counters.hpp"
#include "server/problem.hpp"

namespace boxoffice::server {

/// How reservation attempts end, in five words.
enum class AttemptOutcome {
  held,         ///< 201: tickets that were free are now held
  held_before,  ///< 200: the user's own hold, again
  sold_out,     ///< fewer are left than asked for
  refused,      ///< not allowed, not as documented, or asked to come again later
  failed,       ///< the server or its database could not
};
inline constexpr std::array<std::string_view, 5> k_attempt_outcomes{
    "held", "held_before", "sold_out", "refused", "failed"};
AttemptOutcome outcome_of(ProblemCode problem);

class HotEvents {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t k_events_max = 64;
  static constexpr auto k_half_life = std::chrono::seconds(5);

  struct Entry {
    strategies::EventNumbers event;             ///< as of the newest reply
    std::int64_t most_available = 0;            ///< that a reply has said
    std::optional<std::int64_t> total_tickets;  ///< where a reply has said it
    std::array<std::int64_t, k_attempt_outcomes.size()>
        by_outcome{};  ///< attempts since it came in
    std::uint64_t score = 0;
  };

  /// An attempt for `event`; `now_known` is what its reply says of it.
  void count(strategies::EventId event, AttemptOutcome outcome,
             const std::optional<strategies::EventNumbers>& now_known, Clock::time_point now);
  /// What another reply says of an event that is in the table.
  void learn(const strategies::EventNumbers& event, std::optional<std::int64_t> total_tickets);
  /// The most asked-for, the hottest first; those that nobody asks for any more are left out.
  std::vector<Entry> hottest(std::size_t count_max, Clock::time_point now);

 private:
  Entry* find(strategies::EventId event);
  Entry& take_place(const strategies::EventNumbers& event);
  void cool(Clock::time_point now);

  std::mutex mutex_;
  std::size_t used_ = 0;
  std::array<std::int64_t, k_events_max> ids_{};  // of entries_, close together for the search
  std::array<Entry, k_events_max> entries_{};
  Clock::time_point cooled_{};
};

}  // namespace boxoffice::server
