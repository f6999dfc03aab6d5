// The highest rate that meets an objective, by bisection with repeats: a state machine that asks
// for one measurement after the other, so that it is tested without a server.
//
// A rate counts as met when most of its repeats met the objective. From the first rate it doubles
// or halves until the answer lies between two rates, then halves their ratio until they are close.
// One measurement at the edge is a coin; the interval says so: from the highest rate at which every
// repeat met the objective to the lowest at which none did. A rate of which the search was ended
// before most repeats agreed is in neither: one measurement would put the interval above the
// answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace boxoffice::harness {

struct RateSearchOptions {
  double first_per_s = 200;
  double least_per_s = 1;  ///< below it the objective counts as out of reach
  double most_per_s = 100'000;
  double precision = 0.05;   ///< ends where met and missed rates are this share apart
  std::int64_t repeats = 3;  ///< odd; a rate is left as soon as most of them agree
};

/// What was found; a rate is absent where the search met none of its kind.
struct FoundRate {
  std::optional<double> met;         ///< the highest rate that most repeats met: the answer
  std::optional<double> missed;      ///< the lowest rate above it that most repeats missed
  std::optional<double> certain;     ///< interval: the highest decided rate that every repeat met
  std::optional<double> impossible;  ///< interval: the lowest one that every repeat missed
};

class RateSearch {
 public:
  explicit RateSearch(const RateSearchOptions& options);

  /// The rate to measure next; absent once the search is over.
  std::optional<double> next() const;
  /// The answer to next().
  void note(bool met);
  /// 1 for the first measurement at the rate of next().
  std::int64_t repeat() const;
  /// Ends the search: no rate can be judged any more.
  void stop() { over_ = true; }

  FoundRate found() const;

 private:
  struct Answers {
    std::int64_t met = 0, missed = 0;
  };
  /// Most repeats agree.
  bool decided(const Answers& answers) const;
  void decide(bool met);

  RateSearchOptions options_;
  double rate_;
  bool over_ = false;
  std::optional<double> met_, missed_;
  std::map<double, Answers> answers_;
};

}  // namespace boxoffice::harness
