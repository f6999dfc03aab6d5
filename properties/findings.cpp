// See findings.hpp.
#include "properties/findings.hpp"

#include <algorithm>

#include "properties/names.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::size_t k_described_per_event = 3;

bool earlier(const Finding& a, const Finding& b) {
  return a.at_ns < b.at_ns;
}

}  // namespace

void Findings::undecided(Outcome outcome, const std::string& note) {
  check_.outcome = std::max(check_.outcome, outcome);
  if (check_.note.empty()) check_.note = note;
}

bool Findings::worth_describing(std::int64_t event_id, std::int64_t at_ns) {
  // Checks go through the events one after the other. One that came back to an event would keep
  // more of it, never lose any.
  if (event_id != event_id_) {
    event_id_ = event_id;
    event_begin_ = kept_.size();
  }
  if (kept_.size() - event_begin_ < k_described_per_event) return true;
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(event_begin_);
  return at_ns < std::max_element(begin, kept_.end(), earlier)->at_ns;
}

void Findings::keep(Finding finding) {
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(event_begin_);
  if (kept_.size() - event_begin_ < k_described_per_event) {
    kept_.push_back(std::move(finding));
  } else {
    *std::max_element(begin, kept_.end(), earlier) = std::move(finding);
  }
}

std::string label(const Operation* operation) {
  if (!operation) return "an operation that nobody recorded";
  return sentence(name_of(operation->f), " #", operation->index());
}

std::vector<std::int64_t> indices(const std::vector<const Operation*>& operations) {
  std::vector<std::int64_t> result;
  for (const Operation* operation : operations) {
    if (!operation) continue;
    if (std::find(result.begin(), result.end(), operation->index()) == result.end()) {
      result.push_back(operation->index());
    }
  }
  return result;
}

std::int64_t complete_ns(std::initializer_list<const Operation*> operations) {
  std::int64_t latest = k_ever_ns;
  for (const Operation* operation : operations) {
    if (operation) latest = std::max(latest, operation->call_ns);
  }
  return latest == k_ever_ns ? k_never_ns : latest;
}

}  // namespace boxoffice::properties
