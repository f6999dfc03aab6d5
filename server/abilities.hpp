// What a token may do, as a set: a token that only reads cannot sell, whoever gets hold of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::server {

/// What a route asks for. `none`: any token will do.
enum class Ability : std::uint8_t {
  none,
  reservations_read,
  reservations_write,
  events_write,
  admin
};

/// "reservations:read", ...; empty for none.
std::string_view to_string(Ability ability);

class Abilities {
 public:
  /// "*"
  static Abilities all();
  /// A JSON array of names, as it is stored; what it does not know it leaves out, so that a newer
  /// server's ability gives an older one nothing.
  static Abilities from_json(std::string_view array);

  bool has(Ability ability) const {
    return ability == Ability::none || (bits_ & bit_of(ability)) != 0;
  }
  /// False where there is none of this name. "*": all.
  bool add(std::string_view name);
  std::string to_json() const;
  bool empty() const { return bits_ == 0; }
  bool is_all() const { return bits_ == all().bits_; }

 private:
  static std::uint8_t bit_of(Ability ability) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(ability));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace boxoffice::server
