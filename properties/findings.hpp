// Findings: what one invariant found, while it looks.
//
// Every breach is counted, but only the earliest few of an event are described: a broken counter
// makes every later reply wrong, and a thousand consequences would hide their cause. Descriptions
// are made only for what is kept. Also here: the words in which operations are named in messages.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "properties/operations.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {

/// What a check says of one breach: a sentence and who takes part.
struct Contradiction {
  std::string message;
  std::vector<std::int64_t> operations;
  std::vector<std::int64_t> reservations;
};

/// A described breach and when it was complete: the order in which a verdict lists them.
struct Finding {
  std::int64_t at_ns = 0;
  Violation violation;
};

class Findings {
 public:
  explicit Findings(std::string invariant) { check_.invariant = std::move(invariant); }

  void examined(std::int64_t count = 1) { check_.examined += count; }

  /// A breach at `at_ns` (k_never_ns: at the end of the run). `describe()` gives its Contradiction.
  template <class Describe>
  void violation(std::int64_t event_id, std::int64_t at_ns, Describe&& describe) {
    ++total_;
    check_.outcome = Outcome::violation;
    if (!worth_describing(event_id, at_ns)) return;
    Contradiction what = describe();
    keep({at_ns,
          {check_.invariant, std::move(what.message), event_id, std::move(what.operations),
           std::move(what.reservations)}});
  }
  /// A breach that is only counted: another check's findings describe it, or enough others.
  void violation_described_elsewhere() {
    ++total_;
    check_.outcome = Outcome::violation;
  }
  /// The check could not decide, or looked at nonsense (H1). The first note is kept.
  void undecided(Outcome outcome, const std::string& note);

  const Check& check() const { return check_; }
  std::int64_t total() const { return total_; }
  const std::vector<Finding>& kept() const { return kept_; }

 private:
  bool worth_describing(std::int64_t event_id, std::int64_t at_ns);
  void keep(Finding finding);

  Check check_;
  std::int64_t total_ = 0;
  std::int64_t event_id_ = 0;  ///< the event whose findings begin at event_begin_
  std::size_t event_begin_ = 0;
  std::vector<Finding> kept_;
};

/// What a part of the judging came to.
struct Judged {
  std::vector<Findings> findings;
  std::vector<std::string> not_attempted;  ///< as in Verdict
};

/// Puts the parts of a sentence together.
template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// "reserve #12": how messages name an operation. Null: "an operation that nobody recorded".
std::string label(const Operation* operation);

/// The invocation indices of those that are not null, each once.
std::vector<std::int64_t> indices(const std::vector<const Operation*>& operations);

/// The latest call among those that are not null; k_never_ns where there is none.
std::int64_t complete_ns(std::initializer_list<const Operation*> operations);

}  // namespace boxoffice::properties
