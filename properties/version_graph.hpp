// The precedence graph of one event: its mutators in the order of their versions, the observers of
// a version between its mutator and the next, and whatever a reservation's chain adds to that.
//
// Each version has a hub, the node of its mutator (or an empty one, where nobody is known but
// somebody observed it); hubs follow each other. Operations without a version (purchases, most
// refusals) become nodes only when a chain needs them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "properties/placement.hpp"
#include "properties/precedence.hpp"

namespace boxoffice::properties {

class VersionGraph {
 public:
  using Node = Precedence::Node;
  static constexpr Node k_nowhere = std::numeric_limits<Node>::max();

  /// Where the operations of a run stand: a node each, by their position in Run::operations. One
  /// for all events of the run, since each operation is of one event.
  class Places {
   public:
    explicit Places(const Run& run)
        : first_(run.operations.data()), nodes_(run.operations.size(), k_nowhere) {}
    Node& of(const Operation& operation) {
      return nodes_[static_cast<std::size_t>(&operation - first_)];
    }

   private:
    const Operation* first_;
    std::vector<Node> nodes_;
  };

  /// Observers outside [first, last] are left out: they belong nowhere. `places` outlives this.
  VersionGraph(const EventRun& event, const Placement& placement, std::int64_t first,
               std::int64_t last, Places& places);

  /// The node of a version's mutator, if anything is placed at that version.
  std::optional<Node> hub(std::int64_t version) const;
  /// The node of an operation: where its version puts it, or one that is free as yet.
  Node node(const Operation& operation);
  /// A node for an effect that has no version; it is known by the effect's operation.
  Node node(const Effect& effect);
  void before(Node first, Node second) { graph_.before(first, second); }
  void not_before(Node node, std::int64_t at_ns) { graph_.narrow(node, at_ns, k_never_ns); }
  void not_after(Node node, std::int64_t at_ns) { graph_.narrow(node, k_ever_ns, at_ns); }

  Precedence::Result solve() const { return graph_.solve(); }

  /// Null where the node stands for nothing that a client did.
  const Operation* operation(Node node) const { return nodes_[node].operation; }
  /// "reserve #12 (version 7)".
  std::string describe(Node node) const;
  bool is_versioned(Node node) const { return nodes_[node].version.has_value(); }

 private:
  struct Placed {
    const Operation* operation = nullptr;
    const Mutator* mutator = nullptr;
    std::optional<std::int64_t> version;
  };
  struct Hub {
    std::int64_t version = 0;
    Node node = 0;
  };
  Node add(Placed placed, std::int64_t call_ns, std::int64_t return_ns);
  Node open_hub(std::int64_t version, const Mutator* mutator);

  Precedence graph_;
  std::vector<Placed> nodes_;
  std::vector<Hub> hubs_;      ///< by version
  std::vector<Node> pending_;  ///< observers of the last hub: they come before the next
  Places& places_;
};

}  // namespace boxoffice::properties
