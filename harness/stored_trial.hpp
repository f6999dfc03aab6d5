// What is said about a trial that is in its directory: the failure explained, and where the trials
// of a run are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace boxoffice::harness {

/// The contradicting operations of a stored trial as a timeline, what was missing, and the two
/// commands that lead on. Empty where its verdict is a pass.
std::string explain_trial(const std::filesystem::path& trial, const std::string& replay);

/// The trial directories of a run, in order; a trial directory given itself is the only one. Throws
/// UsageError where `run` is neither.
std::vector<std::filesystem::path> trials_of(const std::filesystem::path& run);

/// A sentence as a paragraph of a terminal's width, its line end included; what of it does not fit
/// into the first line, and all of it where `indented`, begins two columns to the right.
std::string paragraph(const std::string& sentence, bool indented = true);

/// A paragraph for each thing that a verdict does not cover, indented, for a terminal.
std::string not_attempted_text(const std::vector<std::string>& sentences);

}  // namespace boxoffice::harness
