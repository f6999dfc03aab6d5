// Look-ups through ODB's prepared queries, kept for the life of a session. An uncached odb query
// would prepare, execute and deallocate each time: two round trips too many, and where the
// execution fails its transaction refuses the deallocation, so that the name stays taken on the
// server and every later query of that class on that session fails.
#pragma once

#include <memory>
#include <odb/connection.hxx>
#include <odb/prepared-query.hxx>
#include <optional>

#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

/// The first row of a look-up, if any. `name` names it within the session; `build` makes the query
/// once from a Parameters object that it may refer to (odb::query<T>::_ref), and whose values are
/// replaced at each call.
template <class T, class Parameters, class Build>
std::optional<T> find_first(Transaction& transaction, const char* name, const Parameters& values,
                            Build build) {
  AttemptStatistics& statistics = transaction.connection().statistics();
  const SpanTimer timer(statistics.spans.statements);
  transaction.send_begin();
  odb::connection& session = transaction.connection().odb();
  Parameters* bound = nullptr;
  odb::prepared_query<T> query = session.lookup_query<T>(name, bound);
  if (!query) {
    auto owned = std::make_unique<Parameters>(values);
    bound = owned.get();
    query = session.prepare_query<T>(name, build(*bound));
    session.cache_query(query, std::move(owned));
    statistics.traffic.prepare();
  }
  *bound = values;
  statistics.traffic.send(1);
  odb::result<T> rows = query.execute();
  auto row = rows.begin();
  if (row == rows.end()) return std::nullopt;
  return *row;
}

}  // namespace boxoffice::strategies
