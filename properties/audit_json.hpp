// audit.jsonl: what the database held at the end, one JSON object a line, and back.
//
// The first line is {"schema":"boxoffice.audit/1","lines":N}, N being how many follow (absent in
// files of before it was written); each further one has a "kind", "event" or
// "reservation", and the fields of audit.hpp; absent optionals are omitted. The rows of a long run
// are many, so lines again, but nobody measures while they are written: Boost.JSON does.
#pragma once

#include <string>
#include <string_view>

#include "properties/audit.hpp"
#include "properties/json_fields.hpp"

namespace boxoffice::properties {

inline constexpr std::string_view k_audit_schema = "boxoffice.audit/1";

/// Appends all lines of an audit.jsonl.
void append_audit(std::string& out, const Audit& audit);

/// The whole text of an audit.jsonl. A file without its last newline or its last lines is an error:
/// an audit is written once, at the end, and half of one would let lost rows pass for absent ones.
ReadResult<Audit> read_audit(std::string_view text);

}  // namespace boxoffice::properties
