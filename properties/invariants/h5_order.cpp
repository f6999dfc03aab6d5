// H5, third part: the order of the versions agrees with real time and with each reservation's
// chain.
//
// Real time: whatever returned before another was called is placed before it. The chains
// (h5_chains.cpp) place what carries no version. Together they are a precedence graph
// (version_graph.hpp) over closed intervals: a purchase acknowledged after what excludes it, or a
// stale reply, shows as a conflict or as a circle, and where there is neither, an order exists.
#include <algorithm>
#include <iterator>

#include "properties/invariants/h5_parts.hpp"
#include "properties/version_graph.hpp"

namespace boxoffice::properties {
namespace {

void report_conflict(const EventRun& event, const VersionGraph& graph,
                     const Precedence::Conflict& conflict, Findings& findings) {
  const Operation* early = graph.operation(conflict.early);
  const Operation* late = graph.operation(conflict.late);
  findings.violation(event.id(), complete_ns({early, late}), [&] {
    if (conflict.early == conflict.late) {
      return Contradiction{sentence(graph.describe(conflict.late), " of event ", event.id(),
                                    " returned before the hold can have expired"),
                           indices({late}),
                           {}};
    }
    return Contradiction{
        sentence(graph.describe(conflict.late), " returned before ", graph.describe(conflict.early),
                 " could begin, yet has to come after it in event ", event.id()),
        indices({late, early}),
        {}};
  });
}

void report_circle(const EventRun& event, const VersionGraph& graph,
                   const std::vector<Precedence::Node>& circle, Findings& findings) {
  constexpr std::size_t k_said = 6;
  std::vector<Precedence::Node> named;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const Precedence::Node before = circle[(i + circle.size() - 1) % circle.size()];
    const Precedence::Node after = circle[(i + 1) % circle.size()];
    const bool turn =
        !graph.is_versioned(before) || !graph.is_versioned(circle[i]) || !graph.is_versioned(after);
    if (turn && named.size() < k_said) named.push_back(circle[i]);
  }
  if (named.empty())
    named.assign(circle.begin(),
                 circle.begin() + std::min<std::ptrdiff_t>(k_said, std::ssize(circle)));
  std::int64_t at_ns = k_ever_ns;
  Contradiction found;
  for (const Precedence::Node node : named) {
    const Operation* operation = graph.operation(node);
    if (operation) at_ns = std::max(at_ns, operation->call_ns);
    if (operation) found.operations.push_back(operation->index());
    found.message += sentence(found.message.empty() ? "" : ", then ", graph.describe(node));
  }
  found.message += sentence(", and then the first again: no order of event ", event.id(), " fits");
  findings.violation(event.id(), at_ns == k_ever_ns ? k_never_ns : at_ns, [&] { return found; });
}

}  // namespace

void check_order(const VersionedEvent& what, Findings& findings) {
  VersionGraph graph(what.event, what.placement, what.first(), what.last(), what.places);
  add_chains(what, graph, findings);
  const Precedence::Result result = graph.solve();
  for (const Precedence::Conflict& conflict : result.conflicts) {
    report_conflict(what.event, graph, conflict, findings);
  }
  if (!result.circle.empty()) report_circle(what.event, graph, result.circle, findings);
}

}  // namespace boxoffice::properties
