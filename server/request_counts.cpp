// See request_counts.hpp.
#include "server/request_counts.hpp"

namespace boxoffice::server {

RequestCounts::RequestCounts()
    : routes_(server::routes().size() + 1),
      problems_(problem_kinds().size()),
      attempts_(problem_kinds().size() + 1) {}

void RequestCounts::count(const Route* route, int status, std::optional<ProblemCode> problem,
                          Clock::duration taken) {
  auto& row = route == nullptr ? routes_.back()
                               : routes_[static_cast<std::size_t>(route - server::routes().data())];
  row.by_status.at(static_cast<std::size_t>(status)).add();
  row.latency.observe(taken);
  if (problem) problems_[static_cast<std::size_t>(*problem)].add();
}

void RequestCounts::count_attempt(std::optional<ProblemCode> outcome, bool made_a_hold) {
  attempts_[outcome ? static_cast<std::size_t>(*outcome) : attempts_.size() - 1].add();
  if (made_a_hold) holds_made_.add();  // after the attempt: there are never more of them
}

}  // namespace boxoffice::server
