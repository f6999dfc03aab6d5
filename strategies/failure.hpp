// Failures of the environment, as opposed to refusals: thrown, and caught at the session's edge.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace boxoffice::strategies {

enum class FailureCode {
  database_unavailable,  ///< cannot connect, or the connection broke before COMMIT: nothing was
                         ///< changed
  no_space,              ///< the database is there and its disk is full: nothing was changed
  lock_timeout,  ///< waited too long for a lock (or a statement ran too long), again and again:
                 ///< nothing was changed
  retries_exhausted,  ///< every try met a conflict: nothing was changed
  commit_unknown,  ///< the connection broke during COMMIT and asking afterwards failed: it may have
                   ///< happened
  internal,        ///< an error that no retry helps against: nothing was changed
};

/// "database_unavailable", ...: the stable code of the HTTP API.
std::string_view to_string(FailureCode code);

class Failure : public std::runtime_error {
 public:
  Failure(FailureCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  FailureCode code() const { return code_; }

 private:
  FailureCode code_;
};

/// A mistake of the caller's configuration: a bad URL, an unknown strategy, a schema of another
/// version. Exit code 64.
class ConfigurationError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace boxoffice::strategies
