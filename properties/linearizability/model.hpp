// The sequential model of one event, and a run of it as steps: what H6 searches an order for.
//
// A step is an operation, or what the rows say happened without a reply (a hidden step: an expiry,
// a reserve whose reply was lost), with the interval in which it took effect, what it needs of the
// state and what it does to it. The state is small: a status for each reservation (a subject), how
// many tickets are available, and the version where the server counts one. What a step does never
// depends on the state, so that the state after a set of steps is the same in whatever order they
// were taken: the set alone is what the search has to remember. Source of the form: Porcupine's
// models (init, step, equal), here with "fits" apart from "apply", because most steps only look.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "properties/run.hpp"

namespace boxoffice::properties::linearizability {

/// Each a bit, so that a set of them is a number.
enum Status : std::uint8_t { absent = 1, reserved = 2, purchased = 4, cancelled = 8, expired = 16 };
using StatusSet = std::uint8_t;
inline constexpr StatusSet k_any_status = absent | reserved | purchased | cancelled | expired;

inline constexpr std::uint32_t k_nobody = std::numeric_limits<std::uint32_t>::max();

struct Step {
  const Operation* operation = nullptr;  ///< null: hidden, and nobody is known who did it
  std::int64_t call_ns = k_ever_ns;
  std::int64_t return_ns = k_never_ns;
  /// Where its subjects begin in EventModel::members, and how many there are.
  std::uint32_t first_member = 0, members = 0;
  StatusSet needs = 0;       ///< each subject has one of these statuses; 0: it does not matter
  Status becomes{};          ///< what each subject becomes, where `changes`
  bool changes = false;      ///< it has an effect: a reserve, a purchase, or a close
  bool mandatory = true;     ///< it happened; else it may have, or not
  bool guessed = false;      ///< an expiry that nobody saw and no row shows: never mandatory
  std::int64_t tickets = 0;  ///< how availability changes
  std::int64_t refused = 0;  ///< sold out: so many were more than available
  /// What its reply says is available, and the version: after it where it changes them, else then.
  std::int64_t available = Operation::k_absent;
  std::int64_t version = Operation::k_absent;

  bool purchase() const { return changes && becomes == Status::purchased; }
  bool counts_version() const { return changes && !purchase(); }
};

struct EventModel {
  const EventRun* event = nullptr;
  bool versions = false;  ///< versions are part of the state
  std::int64_t total = 0;
  std::int64_t available = 0;                      ///< at the start
  std::int64_t version = 0;                        ///< at the start
  std::int64_t end_version = Operation::k_absent;  ///< the database ended at it, where known
  std::vector<Step> steps;                         ///< in the order of their calls
  std::vector<std::uint32_t> members;              ///< subjects of the steps
  std::vector<Status> initial;                     ///< by subject
  std::vector<std::uint32_t> owner;                ///< by subject: a user's number, or k_nobody
  std::uint32_t users = 0;                         ///< owners are below it
  std::vector<std::int64_t> reservation_ids;       ///< by subject; 0: nobody knows its id
  std::string undecidable;                         ///< why there is no model; empty: there is one
};

struct ModelOptions {
  bool versions = true;  ///< compare versions, where the server counts them
  /// Without rows: holds may have expired unseen, and what was held before the run have come back
  /// (guessed steps).
  bool expiries = false;
};

/// The steps of an event. With its rows, what they show is mandatory and what they do not show did
/// not happen; without, operations of unknown outcome are optional.
EventModel build_model(const Run& run, const EventRun& event, const ModelOptions& options);

}  // namespace boxoffice::properties::linearizability
