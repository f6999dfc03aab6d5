// See search.hpp. Untaken steps are kept in two linked lists, by call and by return, from which a
// step is unlinked when it is taken and linked again, in the opposite order, when it is taken back.
#include "properties/linearizability/search.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "properties/linearizability/exchange.hpp"
#include "properties/linearizability/memo.hpp"
#include "properties/linearizability/state.hpp"

namespace boxoffice::properties::linearizability {
namespace {

/// How far a forced path may go without being remembered.
constexpr std::size_t k_forced_max = 32;
constexpr std::int64_t k_steps_between_questions = 4096;

/// A list of numbers below n in a given order; the sentinel is n itself.
class Linked {
 public:
  Linked(std::size_t n, const std::vector<std::uint32_t>& order) : next_(n + 1), previous_(n + 1) {
    auto last = static_cast<std::uint32_t>(n);
    next_[n] = previous_[n] = last;
    for (const std::uint32_t item : order) {
      next_[last] = item;
      previous_[item] = last;
      last = item;
    }
    next_[last] = static_cast<std::uint32_t>(n);
    previous_[n] = last;
  }
  std::uint32_t end() const { return static_cast<std::uint32_t>(next_.size() - 1); }
  std::uint32_t front() const { return next_.back(); }
  std::uint32_t after(std::uint32_t item) const { return next_[item]; }
  void unlink(std::uint32_t item) {
    next_[previous_[item]] = next_[item];
    previous_[next_[item]] = previous_[item];
  }
  void relink(std::uint32_t item) {
    next_[previous_[item]] = item;
    previous_[next_[item]] = item;
  }

 private:
  std::vector<std::uint32_t> next_, previous_;
};

std::vector<std::uint32_t> by_call(const EventModel& model) {
  std::vector<std::uint32_t> order(model.steps.size());
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

std::vector<std::uint32_t> mandatory_by_return(const EventModel& model) {
  std::vector<std::uint32_t> order = by_call(model);
  std::erase_if(order, [&](std::uint32_t i) { return !model.steps[i].mandatory; });
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return model.steps[a].return_ns < model.steps[b].return_ns;
  });
  return order;
}

class Search {
 public:
  Search(const EventModel& model, const Bounds& bounds)
      : model_(model),
        bounds_(bounds),
        state_(model),
        exchange_(model),
        open_(model.steps.size(), by_call(model)),
        due_(model.steps.size(), mandatory_by_return(model)) {}

  SearchResult run() {
    Next next = descend();
    while (next == Next::on && !frames_.empty()) {
      Frame& frame = frames_.back();
      undo_to(frame.taken);
      if (frame.next == branches_.size()) {
        branches_.resize(frame.first);
        frames_.pop_back();
        continue;
      }
      take(branches_[frame.next++]);
      next = descend();
    }
    result_.answer = next == Next::found     ? Answer::linearizable
                     : next == Next::stopped ? Answer::gave_up
                                             : Answer::violation;
    if (next == Next::found) {
      for (const Taken& taken : taken_) result_.order.push_back(taken.step);
    }
    result_.memo_bytes = memo_.bytes();
    return std::move(result_);
  }

 private:
  enum class Next { on, found, stopped };

  struct Taken {
    std::uint32_t step = 0;
    std::uint32_t reach = 0;  ///< reach_ before it
  };
  struct Frame {
    std::size_t taken = 0;  ///< how many were, when it was opened
    std::size_t first = 0;  ///< its branches lie behind this one in branches_
    std::size_t next = 0;
  };

  const Step& step(std::uint32_t i) const { return model_.steps[i]; }

  /// No step called after this moment may come next.
  std::int64_t limit_ns() const {
    return due_.front() == due_.end() ? k_never_ns : step(due_.front()).return_ns;
  }

  void take(std::uint32_t i) {
    ++result_.steps;
    state_.take(step(i));
    open_.unlink(i);
    if (step(i).mandatory) due_.unlink(i);
    taken_.push_back({i, reach_});
    reach_ = std::max(reach_, i + 1);
  }

  void undo_to(std::size_t count) {
    while (taken_.size() > count) {
      const Taken last = taken_.back();
      taken_.pop_back();
      reach_ = last.reach;
      if (step(last.step).mandatory) due_.relink(last.step);
      open_.relink(last.step);
      state_.undo(step(last.step));
    }
  }

  /// Steps that are taken as soon as they fit; see search.hpp.
  static bool at_once(const Step& step) {
    return !step.changes || (step.purchase() && step.mandatory);
  }

  void take_at_once() {
    for (bool again = true; again;) {
      again = false;
      std::int64_t limit = limit_ns();
      for (std::uint32_t i = open_.front(); i != open_.end() && step(i).call_ns <= limit;
           i = open_.after(i)) {
        if (!at_once(step(i)) || !state_.fits(step(i))) continue;
        take(i);
        limit = limit_ns();
        again = again || step(i).changes || step(i).needs == reserved;
      }
    }
  }

  /// Goes on from the steps taken last: opens a frame of what may come next.
  Next descend() {
    take_at_once();
    const std::int64_t limit = limit_ns();
    if (limit > result_.stuck_ns || frames_.empty()) {
      result_.stuck_ns = limit;
      result_.stuck = due_.front() == due_.end() ? k_nobody : due_.front();
    }
    if (due_.front() == due_.end() && ended_well()) return Next::found;
    if (met_bound()) return Next::stopped;
    const std::size_t first = branches_.size();
    for (std::uint32_t i = open_.front(); i != open_.end() && step(i).call_ns <= limit;
         i = open_.after(i)) {
      if (!at_once(step(i)) && state_.fits(step(i))) branches_.push_back(i);
    }
    leave_out_needless(first);
    const bool forced = branches_.size() - first <= 1 && ++forced_ < k_forced_max;
    if (!forced && !remember()) branches_.resize(first);
    frames_.push_back({taken_.size(), first, first});
    return Next::on;
  }

  bool ended_well() const {
    return model_.end_version == Operation::k_absent || model_.end_version == state_.version();
  }

  void leave_out_needless(std::size_t first) {
    const auto begin = branches_.begin() + static_cast<std::ptrdiff_t>(first);
    if (branches_.end() - begin <= 1) return;
    // What returns first is tried first; what nobody knows to have happened, last.
    std::sort(begin, branches_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto rank = [&](std::uint32_t i) {
        return std::tuple(step(i).return_ns, step(i).guessed, !step(i).mandatory, i);
      };
      return rank(a) < rank(b);
    });
    auto kept = begin;
    for (auto at = begin; at != branches_.end(); ++at) {
      const bool needless = std::any_of(
          begin, kept, [&](std::uint32_t a) { return exchange_.makes_needless(a, *at); });
      if (!needless) *kept++ = *at;
    }
    branches_.erase(kept, branches_.end());
  }

  /// False where this set of steps was met before.
  bool remember() {
    forced_ = 0;
    set_.assign(1, reach_);
    for (std::uint32_t i = open_.front(); i < reach_; i = open_.after(i)) set_.push_back(i);
    return memo_.insert(set_);
  }

  bool met_bound() {
    if (result_.steps > bounds_.steps_max) result_.bound = "the bound on its steps";
    if (result_.steps < next_question_) return *result_.bound != '\0';
    next_question_ = result_.steps + k_steps_between_questions;
    if (memo_.bytes() > bounds_.memo_bytes_max) result_.bound = "the bound on its memory";
    if (bounds_.give_up && bounds_.give_up()) result_.bound = "its deadline";
    return *result_.bound != '\0';
  }

  const EventModel& model_;
  const Bounds& bounds_;
  State state_;
  Exchange exchange_;
  Linked open_, due_;  // untaken steps by call; mandatory ones by return
  std::vector<Taken> taken_;
  std::uint32_t reach_ = 0;  // all steps from here on are untaken
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> branches_;  // of all frames, the last one's at the end
  std::vector<std::uint32_t> set_;
  std::size_t forced_ = 0;
  std::int64_t next_question_ = 0;
  Memo memo_;
  SearchResult result_;
};

}  // namespace

SearchResult search(const EventModel& model, const Bounds& bounds) {
  return Search(model, bounds).run();
}

}  // namespace boxoffice::properties::linearizability
