// Which changes are alike: of two, only the one that returns first has to be branched on.
//
// Let two changes fit now that are of one class: the same kind, tickets and reply. Take any order
// that begins with the later-returning one (b) and has the other (a) somewhere behind. Exchange the
// two: the availability is the same at every step between, and since a returns first, real time
// still agrees. What may mind is who needs b's own reservation to have changed already (`b` must
// not be needed by anything called before a returned), and who needs a's not to have (`a` must be
// movable). Where neither is there, an order that begins with a exists as well, so b is left out.
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
        k_never_ns;       ///< the first call of whoever needs it; never: nobody
    bool movable = true;  ///< forward, past everything that overlaps it
  };
  struct Owned {
    std::uint32_t owner = 0, position = 0;
  };
  void look_at_users();
  void look_for_overlaps(const std::vector<Owned>& reserves);

  const EventModel& model_;
  std::vector<Place> places_;
};

}  // namespace boxoffice::properties::linearizability
