// See registry.hpp.
#include "strategies/registry.hpp"

#include "strategies/failure.hpp"
#include "strategies/sound.hpp"

namespace boxoffice::strategies {

namespace {

struct Registered {
  std::string name;
  std::unique_ptr<Strategy> (*make)();
  bool broken;
};

std::vector<Registered>& table() {
  static std::vector<Registered> registered = {
      {"pessimistic", make_pessimistic, false},
      {"optimistic", make_optimistic, false},
      {"atomic", make_atomic, false},
  };
  return registered;
}

const Registered* find(std::string_view name) {
  for (const Registered& entry : table()) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> strategy_names() {
  std::vector<std::string> names;
  for (const Registered& entry : table()) names.push_back(entry.name);
  return names;
}

bool is_broken(std::string_view name) {
  const Registered* entry = find(name);
  return entry && entry->broken;
}

std::unique_ptr<Strategy> make_strategy(std::string_view name) {
  if (const Registered* entry = find(name)) return entry->make();
  std::string known;
  for (const std::string& each : strategy_names()) known += (known.empty() ? "" : ", ") + each;
  throw ConfigurationError("unknown strategy '" + std::string(name) + "': this program knows " +
                           known);
}

void register_broken(std::string name, std::unique_ptr<Strategy> (*make)()) {
  if (!find(name)) table().push_back({std::move(name), make, true});
}

}  // namespace boxoffice::strategies
