// See version_graph.hpp.
#include "properties/version_graph.hpp"

#include <algorithm>

#include "properties/findings.hpp"

namespace boxoffice::properties {

VersionGraph::VersionGraph(const EventRun& event, const Placement& placement, std::int64_t first,
                           std::int64_t last, Places& places)
    : places_(places) {
  const std::size_t placed = placement.mutators.size() + placement.observers.size();
  // An edge into each mutator, two for each observer, and about two for each chain.
  nodes_.reserve(placed + event.reservations.size() / 2 + 1);
  graph_.reserve(nodes_.capacity(),
                 placed + placement.observers.size() + event.reservations.size());
  hubs_.reserve(placement.mutators.size() + 1);
  open_hub(first, nullptr);
  auto mutator = placement.mutators.begin();
  const auto take_mutators = [&](std::int64_t up_to) {
    for (; mutator != placement.mutators.end() && mutator->version <= up_to; ++mutator) {
      if (mutator->version <= first || mutator->version > last) continue;
      if (mutator->version > hubs_.back().version) {
        open_hub(mutator->version, &*mutator);
      } else {  // a second claim of the version: like an observer, between the hubs around it
        const Placed twin{mutator->operation, &*mutator, mutator->version};
        const Node node = add(twin, mutator->call_ns, mutator->return_ns);
        if (hubs_.size() > 1) graph_.before(hubs_[hubs_.size() - 2].node, node);
        pending_.push_back(node);
      }
    }
  };
  for (const Observer& observer : placement.observers) {
    if (observer.version < first || observer.version > last) continue;
    take_mutators(observer.version);
    if (observer.version > hubs_.back().version) open_hub(observer.version, nullptr);
    const Operation* operation = observer.operation;
    const Node node =
        add({operation, nullptr, observer.version}, operation->call_ns, operation->return_ns);
    graph_.before(hubs_.back().node, node);
    pending_.push_back(node);
    places_.of(*operation) = node;
  }
  take_mutators(last);
}

VersionGraph::Node VersionGraph::add(Placed placed, std::int64_t call_ns, std::int64_t return_ns) {
  nodes_.push_back(placed);
  return graph_.add(call_ns, return_ns);
}

VersionGraph::Node VersionGraph::open_hub(std::int64_t version, const Mutator* mutator) {
  const Node node =
      mutator ? add({mutator->operation, mutator, version}, mutator->call_ns, mutator->return_ns)
              : add({nullptr, nullptr, version}, k_ever_ns, k_never_ns);
  if (!hubs_.empty()) graph_.before(hubs_.back().node, node);
  for (const Node observer : pending_) graph_.before(observer, node);
  pending_.clear();
  hubs_.push_back({version, node});
  return node;
}

std::optional<VersionGraph::Node> VersionGraph::hub(std::int64_t version) const {
  // Without gaps, as in every sound run, a version's place is known.
  const auto guess = static_cast<std::uint64_t>(version - hubs_.front().version);
  if (guess < hubs_.size() && hubs_[guess].version == version) return hubs_[guess].node;
  const auto at = std::lower_bound(hubs_.begin(), hubs_.end(), version,
                                   [](const Hub& a, std::int64_t b) { return a.version < b; });
  if (at == hubs_.end() || at->version != version) return std::nullopt;
  return at->node;
}

VersionGraph::Node VersionGraph::node(const Operation& operation) {
  Node& place = places_.of(operation);
  if (place == k_nowhere) {
    place = add({&operation, nullptr, std::nullopt}, operation.call_ns, operation.return_ns);
  }
  return place;
}

VersionGraph::Node VersionGraph::node(const Effect& effect) {
  return add({effect.operation, nullptr, std::nullopt}, effect.call_ns, effect.return_ns);
}

std::string VersionGraph::describe(Node node) const {
  const Placed& placed = nodes_[node];
  std::string what;
  if (placed.mutator) {
    what = properties::describe(*placed.mutator);
  } else if (placed.operation) {
    what = label(placed.operation);
    const auto id = placed.operation->reservation();
    if (id) what += sentence(" of reservation ", *id);
  } else {
    what = "the change";
  }
  if (placed.version) what += sentence(" (version ", *placed.version, ")");
  return what;
}

}  // namespace boxoffice::properties
