// What `load` and `merge` do alike with a run that is over: its verdict.
#pragma once

#include <filesystem>
#include <string>

#include "properties/verdict.hpp"

namespace boxoffice::harness {

/// Judges the trial's history from the clients' view, stores the verdict, says it and returns it.
/// `replay`: how to make the run again, for a violation.
properties::Outcome judge_and_print(const std::filesystem::path& trial, const std::string& replay);

}  // namespace boxoffice::harness
