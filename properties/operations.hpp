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
#include <optional>
#include <string>
#include <vector>

#include "properties/history.hpp"

namespace boxoffice::properties {

inline constexpr std::int64_t k_never_ns = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t k_ever_ns = std::numeric_limits<std::int64_t>::min();

/// Points into the history that it was made from. What the checks ask of every operation is kept
/// here, beside the pointers, in one cache line: an entry has five.
struct Operation {
  const Entry* invocation = nullptr;
  const Entry* completion = nullptr;  ///< null: none was recorded
  std::int64_t call_ns = 0;
  std::int64_t return_ns = k_never_ns;
  EntryType type = EntryType::info;  ///< ok, fail or info
  Function f = Function::read;
  bool created = false;   ///< the reply's status was 201
  bool sold_out = false;  ///< it was refused for want of tickets
  /// of a reply ok, else of the request; 0 where neither says it (and 2^31 - 1 at most)
  std::int32_t tickets = 0;

  std::optional<std::int64_t> reservation() const { return present(reservation_or_absent); }
  std::optional<std::int64_t> version() const { return present(version_or_absent); }
  std::optional<std::int64_t> available() const { return present(available_or_absent); }

  std::int64_t index() const { return invocation->index; }
  const Input& in() const { return invocation->in; }
  /// What the reply carried; all absent where there was none.
  const Output& out() const;
  /// The problem's code; empty where there was none.
  const std::string& code() const;

  static constexpr std::int64_t k_absent = std::numeric_limits<std::int64_t>::min();
  /// That it names, in its reply or its request. Any number may be one: a server that answers with
  /// an id that it never gave, 0 say, is to be caught and not to be taken for silent.
  std::int64_t reservation_or_absent = k_absent;
  std::int64_t version_or_absent = k_absent;
  std::int64_t available_or_absent = k_absent;

  bool ok(Function which) const { return type == EntryType::ok && f == which; }
  bool made_reservation() const { return ok(Function::reserve) && created; }
  bool found_reservation() const { return ok(Function::reserve) && !created; }
  bool refused(Function which) const { return type == EntryType::fail && f == which; }
  /// A refusal whose code says that the reservation is over: purchased, cancelled or expired.
  bool says_it_is_over() const;
  /// True where it may have taken effect without anybody having been told.
  bool indeterminate(Function which) const { return type == EntryType::info && f == which; }

 private:
  static std::optional<std::int64_t> present(std::int64_t value) {
    return value == k_absent ? std::nullopt : std::optional(value);
  }
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
  std::int64_t unfinished = 0;        ///< operations without completion
};

/// `history` must outlive the result. O(n), O(n log n) where it is not in the order of its times.
PairedHistory pair_entries(const History& history);

}  // namespace boxoffice::properties
