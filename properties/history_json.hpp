// history.jsonl: a history as lines of JSON, and back.
//
// One object a line; the first is the header ("schema":"boxoffice.history/1"), each further one an
// entry. Field names are those of history.hpp; defaults (zero numbers in `in`, empty strings,
// absent optionals) and empty objects are omitted. The writer is on the load generator's hot path,
// so it is formatted by hand and allocates only where `out` must grow. The reader is pure: it is
// given text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "properties/history.hpp"
#include "properties/json_fields.hpp"

namespace boxoffice::properties {

inline constexpr std::string_view k_history_schema = "boxoffice.history/1";

/// Appends one line, its newline included. Throws nothing but std::bad_alloc.
void append_line(std::string& out, const Header& header);
void append_line(std::string& out, const Entry& entry);
void append_line(std::string& out, const Fault& fault);
void append_line(std::string& out, const FinalCapacity& capacity);
void append_line(std::string& out, const Breakage& breakage);
/// The line that says how many entries were written.
void append_end(std::string& out, std::int64_t entries);

/// A history as it was found in a file.
struct StoredHistory {
  History history;
  /// the last line had no newline and could not be parsed: the writer died in it; it was dropped.
  /// One of the history's flaws; an invocation whose completion is missing is another.
  bool truncated = false;
};

/// Reads line by line, for files that should not be in memory as a whole.
class HistoryReader {
 public:
  HistoryReader();
  ~HistoryReader();
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;

  /// Takes the next line, without its newline. False after an error; further lines are then
  /// ignored.
  bool read_line(std::string_view line);
  /// Takes what follows the last newline: as a line where it is one, as a truncation where not.
  bool read_unfinished(std::string_view rest);
  /// The history so far, its entries in the order of (t_ns, index), or the first error. The reader
  /// is empty afterwards.
  ReadResult<StoredHistory> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole text of a history.jsonl. Lines of different processes may come in any order of time:
/// threads write theirs in batches. An error is a line that cannot be one: no JSON, an unknown
/// field, a number out of range, an index for the second time, a process that goes back in time or
/// does not take turns between invocation and completion.
ReadResult<StoredHistory> read_history(std::string_view text);

}  // namespace boxoffice::properties
