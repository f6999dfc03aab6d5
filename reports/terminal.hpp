// The report for a terminal: the verdict first, then who sold how fast, never wider than 80
// columns.
//
// Only a path and a command are never broken over lines: they are there to be copied.
#pragma once

#include <string>

#include "properties/history.hpp"
#include "properties/verdict.hpp"
#include "reports/layout.hpp"
#include "reports/summary.hpp"
#include "reports/timeline.hpp"

namespace boxoffice::reports {

struct TerminalOptions {
  bool colour = false;  ///< the caller knows whether this is a terminal and what NO_COLOR says
  std::size_t columns = k_terminal_columns;
};

enum class Ink { green, red, yellow, bold };

/// `text` in ANSI colour where the options ask for it, else as it is.
std::string inked(const std::string& text, Ink ink, const TerminalOptions& options);

/// `report_path` is printed last; nothing is printed where it is empty.
std::string summary_terminal(const Run& run, const Summary& summary, const std::string& report_path,
                             const TerminalOptions& options = {});

/// The commands that lead on from a failure, as the harness would have them typed.
struct FailureCommands {
  std::string analyze;  ///< judges the stored history again
  std::string replay;   ///< runs the same trial again, seed included
};

/// The operations of a contradiction as a drawing, then one by one. Empty where there are none.
std::string timeline_text(const Timeline& timeline, const TerminalOptions& options = {});

/// Each violation of the verdict: the invariant, the message, its operations as a timeline and one
/// by one; then how to look closer. Empty where the verdict has no violations.
std::string failure_terminal(const properties::History& history, const properties::Verdict& verdict,
                             const FailureCommands& commands, const TerminalOptions& options = {});

}  // namespace boxoffice::reports
