// The history: what the clients saw, as data.
//
// A run's history is a header and a sequence of entries; each operation has two, its invocation and
// its completion, so that a crash of the harness keeps what was in flight. This file is the
// vocabulary of the whole oracle: it has no I/O and no clock. history_json.hpp turns it
// into lines and back; operations.hpp pairs the entries. Source of the form: Jepsen's history
// (invoke, ok, fail, info).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace boxoffice::properties {

/// What an entry is. `info`: it may or may not have happened (timeout, reset, unreadable reply).
enum class EntryType : std::uint8_t { invoke, ok, fail, info };

/// The longest span of time that a history says, microseconds: 31 years. Added to a time in
/// nanoseconds, it still is one.
inline constexpr std::int64_t k_span_us_max = 1'000'000'000'000'000;

/// What was asked of the server. `read` is GET /events/{id}.
enum class Function : std::uint8_t { reserve, purchase, cancel, read };

enum class ReservationStatus : std::uint8_t { reserved, purchased, cancelled, expired };

/// What was sent. `reservation_id` for purchase and cancel, `quantity` for reserve.
struct Input {
  std::int64_t user_id = 0;
  std::int64_t quantity = 0;
  std::int64_t reservation_id = 0;
  bool operator==(const Input&) const = default;
};

/// What a reply carried; absent where the reply did not say it.
struct Output {
  int http = 0;
  std::optional<ReservationStatus> status;  ///< beside http: a history has millions of these
  std::optional<std::int64_t> reservation_id;
  std::optional<std::int64_t> user_id;  ///< the reservation's owner, as the reply states it
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> available;  ///< the event's available tickets
  std::optional<std::int64_t> version;    ///< the event's version
  std::optional<std::int64_t>
      expires_us;  ///< microseconds since the Unix epoch, the database's clock
  bool operator==(const Output&) const = default;
};

/// Why an operation did not succeed. `code` is the problem's stable code (4-http-api: "sold_out"),
/// `phase` says where a transport failure came from ("connect", "send", "receive", "parse"), empty
/// for a reply.
struct Error {
  std::string code;
  int http = 0;
  std::string phase;
  bool operator==(const Error&) const = default;
};

struct Entry {
  std::int64_t index = 0;  ///< unique within the run, rising with time
  std::int64_t t_ns =
      0;  ///< monotonic clock; invocation: before the first byte; completion: after parsing
  std::int64_t t_sched_ns = 0;  ///< when the schedule wanted it sent; equals t_ns in a closed loop
  std::int64_t process = 0;     ///< a logical client: sequential; a new number after each `info`
  EntryType type = EntryType::invoke;
  Function f = Function::read;
  std::int64_t event_id = 0;
  std::string request_id;  ///< UUID sent as X-Request-Id; empty for reads
  Input in;                ///< set on the invocation, repeated on the completion
  Output out;              ///< set on the completion
  Error error;             ///< set on `fail` and `info`
  bool operator==(const Entry&) const = default;
};

/// What was done to the server or its database while the load went on, with the proof that it
/// landed. A kind of line of its own in history.jsonl.
struct Fault {
  std::string kind;            ///< "kill-server", "partition", ...
  std::int64_t t_ns = 0;       ///< when it began, on the clock of the entries
  std::int64_t healed_ns = 0;  ///< when everything was as before; t_ns where that is a moment
  std::int64_t in_flight = 0;  ///< operations under way when it began
  bool landed = false;
  std::string evidence;  ///< one sentence: what was seen of it; where it did not land, why not
  bool database_ended = false;  ///< and recovered from its log
  bool operator==(const Fault&) const = default;
};

struct EventCapacity {
  std::int64_t event_id = 0;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;  ///< at the start of the run
  std::int64_t version = 0;            ///< at the start of the run
  bool operator==(const EventCapacity&) const = default;
};

/// What an event's capacity is after the run, as the server says.
struct FinalCapacity {
  std::int64_t event_id = 0;
  std::optional<std::int64_t> total_tickets;  ///< absent: it did not say
  bool operator==(const FinalCapacity&) const = default;
};

/// What broke around the server while the run lasted: its verdict is invalid at best. A kind of
/// line of its own in history.jsonl.
struct Breakage {
  std::string why;  ///< a sentence
  /// By how much less is known of when holds ended: the machine's clock was set by it, or holds
  /// last so much longer or shorter than the header says; 0: neither.
  std::int64_t clock_moved_us = 0;
  bool operator==(const Breakage&) const = default;
};

/// What the run promises to have met; a run without them is invalid, not a pass.
struct EvidenceWanted {
  bool sold_out = false;    ///< at least one sold_out reply
  bool contention = false;  ///< at least two mutators of one event that overlapped in time
  bool expiry = false;      ///< at least one hold expired
  bool cancel = false;      ///< at least one cancel succeeded
  std::int64_t faults =
      0;  ///< so many faults landed under load, and something succeeded after each
  bool any() const { return *this != EvidenceWanted{}; }
  bool operator==(const EvidenceWanted&) const = default;
};

/// The first line of history.jsonl.
struct Header {
  std::string run_id;
  std::uint64_t seed = 0;
  std::int64_t hold_us = 0;  ///< configured hold time, microseconds
  std::int64_t clock_slack_us =
      0;  ///< bound on the difference in rate of harness and database clocks
  std::vector<EventCapacity> events;
  EvidenceWanted evidence;
  bool versions = true;           ///< the server's replies carry event versions
  bool one_hold_per_user = true;  ///< no user has two active holds of an event
  bool ids_per_event = false;     ///< each event counts its reservations anew
  /// The database is asked once the load has ended: a run without that audit was cut off.
  bool audit_due = false;
  /// After the last entry comes a line that says how many there are: without it, or with another
  /// number, the file is not the whole history.
  bool end_due = false;
  /// The server is somebody else's, who may edit capacities: they are asked for after the run.
  bool others_may_edit = false;
  /// The database shows a commit before it is durable (InnoDB): a read may tell of what a crash
  /// undoes.
  bool early_visibility = false;
  bool operator==(const Header&) const = default;
};

struct History {
  Header header;
  std::vector<Entry> entries;  ///< in the order of (t_ns, index)
  std::vector<Fault> faults = {};
  /// sentences of whoever read it: why it is the record of less than a whole run. Any makes a
  /// verdict invalid at best.
  std::vector<std::string> flaws = {};
  std::vector<FinalCapacity> capacities = {};
  std::vector<Breakage> breakages = {};
};

}  // namespace boxoffice::properties
