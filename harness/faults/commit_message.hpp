// COMMIT as it looks on the wire, for faults that happen exactly there: what a client sends to ask
// for it, and what a database answers that has carried it out.
//
// What is looked at is what one read from a socket gave. That is enough: both messages are short,
// and are handed to the kernel in one piece.
#pragma once

#include <string_view>

namespace boxoffice::harness {

enum class Wire { postgresql, mysql };

/// What a client has sent contains COMMIT: on PostgreSQL as a simple query, or as the prepared
/// statement "commit" bound within a pipeline; on MySQL as a COM_QUERY.
bool asks_to_commit(Wire wire, std::string_view sent);

/// What the database has answered says that COMMIT was carried out.
bool says_committed(Wire wire, std::string_view answered);

}  // namespace boxoffice::harness
