// What a job says in a CI system's own page: Markdown, appended to the file that
// $GITHUB_STEP_SUMMARY names.
//
// GitHub Actions gives each step such a file and shows what is in it beside the job; Gitea and
// Forgejo do the same. Source: GitHub, "Workflow commands", "Adding a job summary".
#pragma once

#include <string>

namespace boxoffice::harness {

/// Appends where the variable is set. Never fails: what cannot be appended is one warning on
/// stderr, because a page that nobody could write is no reason for another exit code.
void append_step_summary(const std::string& markdown);

/// The same for a file of the run directory (summary.md).
void append_step_summary_file(const std::string& file);

}  // namespace boxoffice::harness
