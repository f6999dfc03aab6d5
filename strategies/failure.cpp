// Words of the failures: the stable codes of the HTTP API.
#include "strategies/failure.hpp"

namespace boxoffice::strategies {

std::string_view to_string(FailureCode code) {
  switch (code) {
    case FailureCode::database_unavailable:
    case FailureCode::no_space:
      return "database_unavailable";
    case FailureCode::lock_timeout:
      return "lock_timeout";
    case FailureCode::retries_exhausted:
      return "retries_exhausted";
    case FailureCode::commit_unknown:
      return "commit_unknown";
    case FailureCode::internal:
      return "internal_error";
  }
  throw std::logic_error("a failure code that does not exist");
}

}  // namespace boxoffice::strategies
