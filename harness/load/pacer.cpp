// See pacer.hpp. Pauses differ (plan.hpp), so give_back() keeps the free connections sorted by when
// they are ready. Nearly all come in that order by themselves: it looks at one or two.
#include "harness/load/pacer.hpp"

#include <algorithm>
#include <limits>

#include "harness/load/clock.hpp"

namespace boxoffice::load {
namespace {

/// Ready since ever. In a closed loop such a connection starts "now": that ten thousand first
/// requests cannot all leave in the first microsecond is no lag.
constexpr std::int64_t k_unused = std::numeric_limits<std::int64_t>::min();

}  // namespace

Pacer::Pacer(const PacerOptions& options) : options_(options) {
  const double rate_per_s = options.rate_per_s.value_or(0);
  if (!options.stages.empty())
    schedule_.emplace(options.stages);
  else if (options.rate_per_s)
    schedule_.emplace(std::vector<Stage>{{rate_per_s, rate_per_s, std::chrono::hours(1)}});
}

std::int64_t Pacer::due_ns(std::uint64_t request) const {
  const std::int64_t due = schedule_->due_ns(request * options_.threads + options_.thread);
  return due == k_never_ns ? due : begin_ns_ + due;
}

void Pacer::begin(std::int64_t begin_ns, std::int64_t end_ns) {
  begin_ns_ = begin_ns;
  end_ns_ = end_ns;
  next_request_ = 0;
  free_.clear();
  for (std::size_t i = 0; i < options_.connections; ++i) free_.push_back({i, k_unused});
}

std::optional<Start> Pacer::take(std::int64_t now_ns) {
  if (free_.empty() || now_ns >= end_ns_ || next_ns() > now_ns) return std::nullopt;
  const Free free = free_.front();
  free_.pop_front();
  if (!schedule_) {
    return Start{free.connection, now_ns, free.ready_ns == k_unused ? now_ns : free.ready_ns};
  }
  const std::int64_t due = due_ns(next_request_++);
  return Start{free.connection, due, std::max(due, free.ready_ns)};
}

void Pacer::give_back(std::size_t connection, std::int64_t now_ns) {
  const Free free{connection, schedule_ ? now_ns : now_ns + options_.think_ns};
  auto after = free_.end();
  while (after != free_.begin() && std::prev(after)->ready_ns > free.ready_ns) --after;
  free_.insert(after, free);
}

std::int64_t Pacer::next_ns() const {
  if (free_.empty()) return k_never_ns;
  const std::int64_t due = schedule_ ? due_ns(next_request_) : free_.front().ready_ns;
  return due < end_ns_ ? due : k_never_ns;
}

std::vector<Unsent> Pacer::unsent(std::int64_t until_ns) const {
  std::vector<Unsent> unsent;
  if (!schedule_) return unsent;
  const std::int64_t until = std::min(until_ns, end_ns_);
  auto connection = free_.begin();
  for (std::uint64_t request = next_request_; due_ns(request) < until; ++request) {
    Unsent& one = unsent.emplace_back();
    one.due_ns = due_ns(request);
    if (connection == free_.end()) continue;
    one.possible_ns = std::max(one.due_ns, connection++->ready_ns);
  }
  return unsent;
}

}  // namespace boxoffice::load
