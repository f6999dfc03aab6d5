// What a session sends, counted by those who send it: statements, and how often their sender waits
// for the server. Plain integers, for a session belongs to one thread at a time.
//
// The two differ where an engine lets statements travel together (PostgreSQL's pipelines), and that
// difference is what a strategy's steps cost beyond their number. What opens a session is not in
// it: that is once in its life.
#pragma once

#include <cstdint>

namespace boxoffice::strategies {

struct Traffic {
  std::int64_t statements = 0;  ///< BEGIN, COMMIT and ROLLBACK too; as the database counts them
  std::int64_t round_trips = 0;

  /// So many statements leave together, and their answers are waited for.
  void send(std::int64_t together) {
    statements += together;
    ++round_trips;
  }
  /// A statement is prepared, once a session: a round trip, and no statement is run.
  void prepare() { ++round_trips; }

  void add(const Traffic& other) {
    statements += other.statements;
    round_trips += other.round_trips;
  }
};

}  // namespace boxoffice::strategies
