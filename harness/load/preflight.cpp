// See preflight.hpp.
#include "harness/load/preflight.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace boxoffice::load {
namespace {

using properties::Function;

/// Besides the connections: standard streams, files, epoll, timers, and sockets about to be closed.
constexpr std::size_t k_spare_descriptors = 128;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

void check_traffic(const LoadPlan& plan) {
  const Mix& mix = plan.mix;
  require(
      std::min({mix.reserve, mix.purchase, mix.cancel, mix.read, mix.stranger, mix.repeat}) >= 0,
      "load: a weight of the operation mix is negative");
  const double changes = mix.reserve + mix.purchase + mix.cancel;
  require(changes + mix.read > 0, "load: the operation mix is empty");
  require(mix.reserve > 0 || mix.sum() <= mix.read,
          "load: without reserve there is never a hold that the others could close");
  require(!plan.events.empty(), "load: there are no events");
  require(plan.quantity_max >= 1, "load: a reservation needs at least one ticket");
  require(mix.purchase == 0 || plan.adapter.of(Function::purchase).offered,
          "load: there are purchases in the mix, but the adapter has no [purchase]");
  require(mix.cancel == 0 || plan.adapter.of(Function::cancel).offered,
          "load: there are cancels in the mix, but the adapter has no [cancel]");
  require(mix.stranger == 0 || mix.purchase + mix.cancel > 0,
          "load: strangers try what the others do: purchase or cancel has to be in the mix");
  const OperationShape& reserve = plan.adapter.of(Function::reserve);
  require(plan.quantity_max == 1 || carries(reserve.path, Place::quantity) ||
              carries(reserve.body, Place::quantity),
          "load: a reserve of several tickets needs {quantity} in the adapter's [reserve]");
  require(plan.user_choice != UserChoice::leave || (!plan.open_loop() && plan.warmup.count() == 0),
          "load: users who leave are for a closed loop without a warm-up");
  if (changes > 0 && plan.users.size() < plan.connections) {
    throw std::invalid_argument(fmt::format(
        "load: {} users for {} connections; each needs a user of its own, because an active hold "
        "makes further reserves of the same user idempotent",
        plan.users.size(), plan.connections));
  }
}

void check_targets(const LoadPlan& plan) {
  for (const std::string& target : plan.targets()) {
    const bool plain = target.starts_with("http://") || target.starts_with("unix:");
    if (plain || (target.starts_with("https://") && plan.further_targets.empty())) continue;
    if (!target.starts_with("https://")) {
      throw std::invalid_argument(
          "load: the target must be http://host:port, https://host:port or unix:/path, not '" +
          target + "'");
    }
    throw std::invalid_argument("load: of several targets none may be https, but '" + target +
                                "' is");
  }
}

void raise_descriptor_limit(std::size_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = needed;
  if (limit.rlim_max < needed) limit.rlim_max = needed;  // allowed with the right privilege only
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  throw std::runtime_error(fmt::format(
      "load: {} file descriptors are needed, the limit is {} and cannot be raised: use fewer "
      "connections or raise it (ulimit -n)",
      needed, before));
}

void check_ports(std::size_t connections) {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::size_t low = 0;
  std::size_t high = 0;
  if (!(file >> low >> high) || high < low || connections <= high - low + 1) return;
  throw std::runtime_error(fmt::format(
      "load: {} connections to one address need as many local ports, but the range {}-{} has {} "
      "(net.ipv4.ip_local_port_range)",
      connections, low, high, high - low + 1));
}

}  // namespace

void check_plan(const LoadPlan& plan) {
  check_targets(plan);
  require(plan.connections >= 1, "load: there must be at least one connection");
  require(plan.threads >= 1 && plan.threads <= plan.connections,
          "load: there must be at least one thread and no more threads than connections");
  require(!plan.rate_per_s || *plan.rate_per_s > 0, "load: the rate must be positive");
  require(plan.stages.empty() || (!plan.rate_per_s && mean_rate_per_s(plan.stages) > 0),
          "load: stages stand alone, and in one of them at least a request must be due");
  require(plan.duration.count() > 0, "load: the duration must be positive");
  require(!plan.enough || plan.stages.empty(), "load: stages end with their time");
  require(plan.timeout.count() > 0, "load: the timeout must be positive");
  require(plan.think.count() >= 0 && plan.warmup.count() >= 0, "load: a time is negative");
  require(plan.get_path.empty() || plan.get_path.starts_with('/'),
          "load: the path to get must start with a slash");
  if (plan.get_path.empty()) check_traffic(plan);
}

void check_environment(const LoadPlan& plan) {
  if (!plan.target.starts_with("unix:")) check_ports(plan.connections);
  raise_descriptor_limit(plan.connections * (1 + plan.further_targets.size()) + 4 * plan.threads +
                         k_spare_descriptors);
}

}  // namespace boxoffice::load
