// The tables behind names.hpp: position in the table = value of the enum.
#include "properties/names.hpp"

#include <array>
#include <cstddef>

namespace boxoffice::properties {
namespace {

using std::string_view;

constexpr std::array<string_view, 4> k_entry_types = {"invoke", "ok", "fail", "info"};
constexpr std::array<string_view, 4> k_functions = {"reserve", "purchase", "cancel", "read"};
constexpr std::array<string_view, 4> k_statuses = {"reserved", "purchased", "cancelled", "expired"};
constexpr std::array<string_view, 4> k_outcomes = {"pass", "unknown", "invalid", "violation"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<string_view, N>& names, string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

string_view name_of(EntryType type) {
  return k_entry_types.at(static_cast<std::size_t>(type));
}
string_view name_of(Function f) {
  return k_functions.at(static_cast<std::size_t>(f));
}
string_view name_of(ReservationStatus s) {
  return k_statuses.at(static_cast<std::size_t>(s));
}
string_view name_of(Outcome outcome) {
  return k_outcomes.at(static_cast<std::size_t>(outcome));
}

std::optional<EntryType> entry_type_named(string_view name) {
  return find<EntryType>(k_entry_types, name);
}
std::optional<Function> function_named(string_view name) {
  return find<Function>(k_functions, name);
}
std::optional<ReservationStatus> reservation_status_named(string_view name) {
  return find<ReservationStatus>(k_statuses, name);
}
std::optional<Outcome> outcome_named(string_view name) {
  return find<Outcome>(k_outcomes, name);
}

}  // namespace boxoffice::properties
