// The one entry point: a run directory in, its reports written into it, the summary out.
//
// Rendering reads what the trials say and never changes it: the exit code comes from the stored
// verdicts alone, and whether a page could be drawn has no part in it.
#pragma once

#include <filesystem>
#include <string>

#include "reports/run_directory.hpp"
#include "reports/summary.hpp"
#include "reports/terminal.hpp"

namespace boxoffice::reports {

struct Rendered {
  Run run;
  Summary summary;  ///< with the verdict and the exit code
  std::filesystem::path summary_json, summary_csv, summary_md, report_html, junit_xml;

  /// The summary for a terminal, the report's path last.
  std::string terminal(const TerminalOptions& options = {}) const;
};

/// Reads the run, computes its summary, and writes summary.json, summary.csv, summary.md,
/// report.html and junit.xml into it, each whole or not at all. Throws DamagedRun where a file of
/// the run is missing, damaged or of another schema, and std::filesystem::filesystem_error where a
/// report cannot be written.
Rendered render_run(const std::filesystem::path& run_directory);

}  // namespace boxoffice::reports
