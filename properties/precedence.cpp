// See precedence.hpp. The pass is Kahn's topological sort.
#include "properties/precedence.hpp"

#include <algorithm>
#include <limits>

namespace boxoffice::properties {

struct Precedence::Adjacency {
  std::vector<std::uint32_t> first;  ///< where a node's successors begin; one more at the end
  std::vector<Node> successors;
  std::vector<std::uint32_t> waits_for;  ///< how many predecessors were not placed yet

  Adjacency(std::size_t nodes, const std::vector<Edge>& edges)
      : first(nodes + 2), successors(edges.size()), waits_for(nodes) {
    for (const Edge& edge : edges) {
      ++first[edge.first + 2];
      ++waits_for[edge.second];
    }
    for (std::size_t i = 2; i < first.size(); ++i) first[i] += first[i - 1];
    for (const Edge& edge : edges) successors[first[edge.first + 1]++] = edge.second;
  }
};

Precedence::Node Precedence::add(std::int64_t call_ns, std::int64_t return_ns) {
  nodes_.push_back({call_ns, return_ns});
  return static_cast<Node>(nodes_.size() - 1);
}

void Precedence::narrow(Node node, std::int64_t from_ns, std::int64_t to_ns) {
  Interval& interval = nodes_[node];
  interval.call_ns = std::max(interval.call_ns, from_ns);
  interval.return_ns = std::min(interval.return_ns, to_ns);
}

void Precedence::reserve(std::size_t nodes, std::size_t edges) {
  nodes_.reserve(nodes);
  edges_.reserve(edges);
}

namespace {

/// Walks backwards among the nodes that still wait until one comes again.
template <class Predecessor>
std::vector<Precedence::Node> walk_circle(Precedence::Node start, std::size_t nodes,
                                          Predecessor&& predecessor) {
  std::vector<std::uint32_t> seen(nodes, std::numeric_limits<std::uint32_t>::max());
  std::vector<Precedence::Node> path;
  Precedence::Node node = start;
  while (seen[node] == std::numeric_limits<std::uint32_t>::max()) {
    seen[node] = static_cast<std::uint32_t>(path.size());
    path.push_back(node);
    node = predecessor(node);
  }
  path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(seen[node]));
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace

Precedence::Result Precedence::solve() const {
  Adjacency graph(nodes_.size(), edges_);
  Result result;
  std::vector<std::int64_t> earliest_ns(nodes_.size());
  std::vector<Node> because(nodes_.size());  // the node whose call that moment is
  std::vector<Node> placed;
  placed.reserve(nodes_.size());
  for (Node node = 0; node < nodes_.size(); ++node) {
    earliest_ns[node] = nodes_[node].call_ns;
    because[node] = node;
    if (graph.waits_for[node] == 0) placed.push_back(node);
  }
  for (std::size_t next = 0; next < placed.size(); ++next) {
    const Node node = placed[next];
    if (earliest_ns[node] > nodes_[node].return_ns) {
      result.conflicts.push_back({because[node], node});
      // From here on as if it had fitted: its successors are not to blame for it.
      earliest_ns[node] = nodes_[node].return_ns;
      because[node] = node;
    }
    for (std::uint32_t i = graph.first[node]; i < graph.first[node + 1]; ++i) {
      const Node after = graph.successors[i];
      if (earliest_ns[node] > earliest_ns[after]) {
        earliest_ns[after] = earliest_ns[node];
        because[after] = because[node];
      }
      if (--graph.waits_for[after] == 0) placed.push_back(after);
    }
  }
  if (placed.size() == nodes_.size()) return result;
  std::vector<Node> waiting_on(nodes_.size());  // any predecessor that was not placed either
  Node start = 0;
  for (const Edge& edge : edges_) {
    if (graph.waits_for[edge.first] == 0 || graph.waits_for[edge.second] == 0) continue;
    waiting_on[edge.second] = edge.first;
    start = edge.second;
  }
  result.circle = walk_circle(start, nodes_.size(), [&](Node node) { return waiting_on[node]; });
  return result;
}

}  // namespace boxoffice::properties
