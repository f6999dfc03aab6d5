// Reads a run directory, the only thing that this folder knows of a run. Measuring and rendering
// meet here, in files, so that any stored run can be rendered again by a later program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/manifest.hpp"
#include "reports/trial.hpp"

namespace boxoffice::reports {

struct Run {
  std::filesystem::path directory;
  Manifest manifest;
  std::vector<Trial> trials;  ///< by index; superseded and disqualified ones are marked
};

/// Reads manifest.json and every trials/*/trial.json. Throws DamagedRun on the first file that is
/// missing, damaged or of another schema, and where a trial is there that the run did not make, or
/// not there that it made: the verdict is the worst of all. A trial directory without trial.json is
/// an error unless the run was interrupted: then it is the trial that was cut off, and it is left
/// out.
Run read_run(const std::filesystem::path& directory);

/// Throws DamagedRun unless the directories below trials/ are exactly `listed`.
void expect_trials(const std::filesystem::path& directory, const std::vector<std::string>& listed);

}  // namespace boxoffice::reports
