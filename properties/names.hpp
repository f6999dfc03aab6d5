// The names of the vocabulary's enums, in one place: the same words in files, messages and reports.
//
// Each enum has `name_of` (never fails: the enums are closed) and a parser that answers nothing for
// a word it does not know.
#pragma once

#include <optional>
#include <string_view>

#include "properties/history.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {

std::string_view name_of(EntryType type);
std::string_view name_of(Function f);
std::string_view name_of(ReservationStatus status);
std::string_view name_of(Outcome outcome);

std::optional<EntryType> entry_type_named(std::string_view name);
std::optional<Function> function_named(std::string_view name);
std::optional<ReservationStatus> reservation_status_named(std::string_view name);
std::optional<Outcome> outcome_named(std::string_view name);

}  // namespace boxoffice::properties
