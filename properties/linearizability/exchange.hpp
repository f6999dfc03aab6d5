// Which changes are alike: of two, only the one that returns first has to be branched on.
//
// Let two changes fit now that are of one class: the same kind, tickets and reply. Take any order
// that begins with the later-returning one (b) and has the other (a) somewhere behind. Exchange the
// two: the availability is the same at every step between, and since a returns first, real time
// still agrees. What may mind is who needs b's own reservation to have changed already (`b` must
// not be needed by anything called before a returned), and who needs a's not to have (`a` must be
// movable). Where neither is there, an order that begins with a exists as well, so b is left out.
// Where neither has to happen, an order may have b and never a: then a has to be able to stand in
// for b, so that nothing else that may be in the order needs a's reservation in another state.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/linearizability/model.hpp"

namespace boxoffice::properties::linearizability {

class Exchange {
 public:
  explicit Exchange(const EventModel& model);

  /// Whether orders that begin with `b` need not be tried beside those that begin with `a`. Both
  /// fit now.
  bool makes_needless(std::uint32_t a, std::uint32_t b) const;

 private:
  struct Place {
    std::int64_t needed_from_ns =
        k_never_ns;         ///< the first call of whoever needs it; never: nobody
    bool movable = true;    ///< forward, past everything that overlaps it
    bool stands_in = true;  ///< into an order that did without it
  };
  /// What a reservation's steps ask of how it ends.
  struct Asked {
    std::int64_t made_from_ns = k_never_ns;   ///< the first call of those that need it made
    std::int64_t ended_from_ns = k_never_ns;  ///< of those that need it ended
    std::uint32_t purchases = 0;
    std::uint32_t closes_that_count = 0;  ///< that must happen, or whose replies have numbers
    StatusSet ends = k_any_status;        ///< those with which every reply may be
  };
  struct Owned {
    std::uint32_t owner = 0, position = 0;
  };
  std::vector<Asked> look_at_reservations() const;
  bool stands_in(const Step& step, const std::vector<Asked>& asked) const;
  void look_at_users();
  void look_for_overlaps(const std::vector<Owned>& reserves);

  const EventModel& model_;
  std::vector<Place> places_;
};

}  // namespace boxoffice::properties::linearizability
