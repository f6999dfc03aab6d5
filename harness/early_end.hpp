// A run that ended before its plan did: what of it is kept, and as what.
#pragma once

#include <boost/json/object.hpp>

#include "harness/live.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {

/// To be called where an exception was caught.
///   - Interrupted: the manifest says `interrupted`.
///   - UsageError before anything was recorded: the directory is removed, and the error goes on to
///     main, so that nothing is left.
///   - UsageError later (a program was removed beneath the run), EnvironmentBroke, a database or a
///     file that fails: said on stderr, the manifest says `broke_off` and why, and the caller
///     reports what was measured so far.
///   - Any other (no memory, no thread, a bug): the same, as `harness_error`. The exit code is 70.
void note_early_end(boost::json::object& manifest, RunDirectory& directory, Live& live);

/// The exit code of a run that ended before there was a database to report on.
int code_without_report(const boost::json::object& manifest);

}  // namespace boxoffice::harness
