// See broken.hpp.
#include "strategies/broken/broken.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::strategies::broken {

void register_all() {
  register_broken("naive", make_naive);
  register_broken("stale_version", make_stale_version);
  register_broken("double_release", make_double_release);
  register_broken("purchase_after_expiry", make_purchase_after_expiry);
}

}  // namespace boxoffice::strategies::broken
