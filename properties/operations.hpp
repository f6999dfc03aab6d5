// Operations: the entries of a history, paired. And H1: is the history well formed at all?
//
// An operation is an invocation with its completion; its interval is closed, [call, return].
// Whether an `info` took effect, and when, nobody knows, so its return is k_never_ns, and so is
// that of an invocation without completion (the harness died). H1: each process is sequential and
// each operation returns after its call. A breach means that the harness recorded nonsense: it says
// nothing about the server, and nothing else of such a history is judged.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "properties/history.hpp"

namespace boxoffice::properties {

inline constexpr std::int64_t k_never_ns = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t k_ever_ns = std::numeric_limits<std::int64_t>::min();

/// Points into the history that it was made from.
struct Operation {
  const Entry* invocation = nullptr;
  const Entry* completion = nullptr;  ///< null: none was recorded
  std::int64_t call_ns = 0;
  std::int64_t return_ns = k_never_ns;
  EntryType type = EntryType::info;  ///< ok, fail or info

  std::int64_t index() const { return invocation->index; }
  Function f() const { return invocation->f; }
  const Input& in() const { return invocation->in; }
  /// What the reply carried; all absent where there was none.
  const Output& out() const;
  /// The problem's code; empty where there was none.
  const std::string& code() const;

  bool ok(Function which) const { return type == EntryType::ok && f() == which; }
  bool made_reservation() const { return ok(Function::reserve) && out().http == 201; }
  bool found_reservation() const { return ok(Function::reserve) && out().http != 201; }
  bool sold_out() const { return type == EntryType::fail && code() == "sold_out"; }
  bool refused(Function which) const { return type == EntryType::fail && f() == which; }
  /// True where it may have taken effect without anybody having been told.
  bool indeterminate(Function which) const { return type == EntryType::info && f() == which; }
};

/// Why a history is not one: a sentence and the invocations that it is about.
struct HistoryFault {
  std::string message;
  std::int64_t event_id = 0;
  std::int64_t at_ns = 0;
  std::vector<std::int64_t> operations;
};

struct PairedHistory {
  std::vector<Operation> operations;  ///< in the order of their calls
  std::vector<HistoryFault> faults;   ///< H1
};

/// `history` must outlive the result. O(n), O(n log n) where it is not in the order of its times.
PairedHistory pair_entries(const History& history);

}  // namespace boxoffice::properties
