// Writes the run directory (docs/run-directory.md): the harness's whole output. Whoever judges or
// renders reads it back from there, so that any stored run can be judged and rendered again.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "properties/verdict.hpp"

namespace boxoffice::harness {

class RunDirectory {
 public:
  /// runs/<UTC time>-<command>-<short id>/ below `parent`. Throws UsageError where it cannot be
  /// made.
  RunDirectory(const std::filesystem::path& parent, const std::string& command);

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }
  /// trials/NNN-<name>/, made.
  std::filesystem::path make_trial(std::int64_t index, const std::string& name);
  /// Takes it back, unless it holds a trial that was measured to its end, or a history in which
  /// anything is recorded: false then, and all is left as it is.
  bool remove_unmeasured();
  /// With the trials that were made so far: one that is lost later must not turn a violation into a
  /// pass.
  void write_manifest(boost::json::object manifest);

 private:
  std::filesystem::path path_;
  bool made_parent_ = false;
  std::vector<std::string> trials_;
};

/// Writes a whole file, or throws EnvironmentBroke that names it and why (disk full).
void write_file(const std::filesystem::path& file, const std::string& text);
void append_to_file(const std::filesystem::path& file, const std::string& text);

/// False of a history that a failed write cut off, or that is not there.
bool ends_with_a_line(const std::filesystem::path& file);
/// Appends whole lines, unless the history ends within one: what follows half a line would be read
/// as the rest of it.
void append_to_history(const std::filesystem::path& history, const std::string& lines);
std::string read_file(const std::filesystem::path& file);

/// Reads a history.jsonl line by line, the first `lines_max` of it; a last line that was cut off is
/// dropped. Throws UsageError with the line.
properties::History read_history_file(
    const std::filesystem::path& file,
    std::int64_t lines_max = std::numeric_limits<std::int64_t>::max());
/// A trial's audit.jsonl; absent where it has none. Throws UsageError with the line.
std::optional<properties::Audit> read_audit_file(const std::filesystem::path& trial);

/// Holds a sentence where the environment of a trial broke (the server died): its verdict is
/// invalid at best.
inline constexpr const char* k_broke_file = "broke.txt";

/// Notes it there, unless something broke before, and as a line of the trial's history, so that
/// none of the two is lost alone. A history that ends within a line is left as it is: it says by
/// itself that it is not whole.
void keep_breakage(const std::filesystem::path& trial, const properties::Breakage& breakage);
/// What that file holds and `history` does not say, as one written before histories did; empty
/// where there is nothing such.
std::string broke_unsaid(const std::filesystem::path& trial, const properties::History& history);

/// Judges what a trial directory holds (history.jsonl; audit.jsonl and broke.txt where they are).
/// The one way to a verdict, for a fresh trial and for `analyze`. Throws UsageError where a file is
/// missing or damaged, saying which line.
properties::Verdict judge_trial(const std::filesystem::path& trial);
/// The same, for one whose history was read already.
properties::Verdict judge_trial(const std::filesystem::path& trial,
                                const properties::History& history);

/// "2026-03-01T12:00:00Z" now.
std::string utc_now();

}  // namespace boxoffice::harness
