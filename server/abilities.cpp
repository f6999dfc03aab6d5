// See abilities.hpp.
#include "server/abilities.hpp"

#include <array>
#include <boost/json.hpp>

namespace boxoffice::server {
namespace {

constexpr std::array<std::string_view, 5> k_names = {"", "reservations:read", "reservations:write",
                                                     "events:write", "admin"};

}  // namespace

std::string_view to_string(Ability ability) {
  return k_names[static_cast<std::size_t>(ability)];
}

Abilities Abilities::all() {
  Abilities abilities;
  abilities.add("*");
  return abilities;
}

Abilities Abilities::from_json(std::string_view array) {
  Abilities abilities;
  boost::system::error_code error;
  const auto value = boost::json::parse(array, error);
  if (error || !value.is_array()) return abilities;
  for (const auto& name : value.get_array()) {
    if (name.is_string()) abilities.add(name.get_string());
  }
  return abilities;
}

bool Abilities::add(std::string_view name) {
  bool known = false;
  for (std::size_t i = 1; i < k_names.size(); ++i) {
    if (name != "*" && name != k_names[i]) continue;
    bits_ |= bit_of(static_cast<Ability>(i));
    known = true;
  }
  return known;
}

std::string Abilities::to_json() const {
  if (is_all()) return R"(["*"])";
  std::string text = "[";
  for (std::size_t i = 1; i < k_names.size(); ++i) {
    if (!has(static_cast<Ability>(i))) continue;
    if (text.size() > 1) text += ',';
    text.append(1, '"').append(k_names[i]).append(1, '"');
  }
  return text + "]";
}

}  // namespace boxoffice::server
