// What a line of history.jsonl says: a JSON object made into a header, an entry, or what happened
// beside the operations. Every field is checked for its type and range, and an unknown one is a
// mistake; whether lines follow from each other is history_reader's.
//
// Each sets `error` to a sentence about the first thing that is wrong with the object, and leaves
// it alone where nothing is.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "properties/history.hpp"

namespace boxoffice::properties {

Header header_from(const boost::json::object&, std::string& error);
Entry entry_from(const boost::json::object&, std::string& error);
Fault fault_from(const boost::json::object&, std::string& error);
/// How many entries there are, says the line after the last of them.
std::int64_t end_from(const boost::json::object&, std::string& error);
FinalCapacity capacity_at_end_from(const boost::json::object&, std::string& error);
Breakage breakage_from(const boost::json::object&, std::string& error);

}  // namespace boxoffice::properties
