// A second, narrow class on the events table: the inventory alone, which is what a strategy locks
// and decides on. The ODB compiler reads this file as C++14.
#pragma once

#include <odb/core.hxx>

#include <cstdint>

namespace boxoffice {
namespace strategies {
namespace schema {

#pragma db object table("events")
struct Inventory {
#pragma db id
  std::int64_t id;
  std::int64_t total_tickets;
  std::int64_t available_tickets;
  std::int64_t version;
};

}  // namespace schema
}  // namespace strategies
}  // namespace boxoffice
