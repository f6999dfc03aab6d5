// verdict.json: a verdict as one JSON object, and back, field for field.
//
// The conversions are Boost.JSON's (value_from, value_to), so that a report can embed a verdict or
// a single violation in a document of its own. Rendering reads a verdict; it can never change one.
#pragma once

#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <string>
#include <string_view>

#include "properties/json_fields.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {

inline constexpr std::string_view k_verdict_schema = "boxoffice.verdict/1";

void tag_invoke(boost::json::value_from_tag, boost::json::value& value, const Violation& violation);
void tag_invoke(boost::json::value_from_tag, boost::json::value& value, const Check& check);
void tag_invoke(boost::json::value_from_tag, boost::json::value& value, const Evidence& evidence);
void tag_invoke(boost::json::value_from_tag, boost::json::value& value, const Verdict& verdict);

/// One line, its newline included.
std::string verdict_line(const Verdict& verdict);

/// The text of a verdict.json; an error has line 1.
ReadResult<Verdict> read_verdict(std::string_view text);

}  // namespace boxoffice::properties
