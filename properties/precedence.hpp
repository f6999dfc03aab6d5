// Precedence: intervals, and which must come before which. Is there an order that fits both?
//
// Each node happened at some moment of its closed interval [call, return]. `before(a, b)` says that
// a is placed before b (at the same moment is fine). One pass in topological order gives each node
// the earliest moment it may have: the latest call among itself and all that must come before it.
// Where that lies after its return, it returned before the other was called although it comes after
// it: no order fits. Nodes in a circle are never reached. O(nodes + edges).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace boxoffice::properties {

class Precedence {
 public:
  using Node = std::uint32_t;

  /// `late` returned before `early` was called, but must come after it.
  struct Conflict {
    Node early = 0;
    Node late = 0;
  };
  struct Result {
    std::vector<Conflict> conflicts;
    std::vector<Node> circle;  ///< one of them, in order; empty: there is none
  };

  Node add(std::int64_t call_ns, std::int64_t return_ns);
  void before(Node first, Node second) { edges_.push_back({first, second}); }
  /// The node happened within [from_ns, to_ns] too. An empty interval is a conflict with itself.
  void narrow(Node node, std::int64_t from_ns, std::int64_t to_ns);
  std::size_t size() const { return nodes_.size(); }
  void reserve(std::size_t nodes, std::size_t edges);

  Result solve() const;

 private:
  struct Interval {
    std::int64_t call_ns = 0;
    std::int64_t return_ns = 0;
  };
  struct Edge {
    Node first = 0;
    Node second = 0;
  };
  struct Adjacency;

  std::vector<Interval> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace boxoffice::properties
