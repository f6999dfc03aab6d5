// The model's state while steps are taken and taken back.
//
// Beside what the model says (statuses, availability, version) it counts, for each reservation, the
// mandatory observers that were not taken yet and that a change would make impossible: while there
// is one, the change does not fit, which ends a wrong path where it begins. Undoing is the exact
// inverse of taking, so that the search needs one state and no copies.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/linearizability/model.hpp"

namespace boxoffice::properties::linearizability {

class State {
 public:
  explicit State(const EventModel& model);

  /// Whether the step's reply is what the model would answer now.
  bool fits(const Step& step) const;
  /// `step` must fit.
  void take(const Step& step);
  /// Takes back the step that was taken last.
  void undo(const Step& step);

  std::int64_t available() const { return available_; }
  std::int64_t version() const { return version_; }

 private:
  struct Subject {
    Status status{};
    std::uint32_t absent_observers = 0;    ///< untaken, that need it absent
    std::uint32_t reserved_observers = 0;  ///< untaken, that need it not to have ended
  };

  bool subjects_fit(const Step& step) const;
  void count_observer(const Step& step, std::uint32_t change);
  void change_status(const Step& step, Status to);

  const EventModel& model_;
  std::vector<Subject> subjects_;
  std::vector<std::uint32_t> holds_;  ///< by user: reservations in status reserved
  std::int64_t available_;
  std::int64_t version_;
};

}  // namespace boxoffice::properties::linearizability
