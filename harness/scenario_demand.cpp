// See scenario_demand.hpp. A user has one active hold of an event at a time, and buys again only
// after paying.
#include "harness/scenario_demand.hpp"

#include <fmt/format.h>

namespace boxoffice::harness {

namespace {

bool come_again(const Scenario& scenario) {
  return scenario.mix.purchase > 0;
}

void expect_sold_out(const TomlTable& root, const Scenario& scenario) {
  if (!scenario.evidence.sold_out || come_again(scenario)) return;
  if (scenario.users * scenario.quantity_max > scenario.tickets) return;
  root.fail(
      "evidence",
      fmt::format("sold_out cannot be met: {} tickets are enough for {} users with at most {} each",
                  scenario.tickets, scenario.users, scenario.quantity_max));
}

// Who reserves for the second time may do so of another event, but meets holds of their own as
// well: the time would be that of finding those who have none, and no longer the server's.
void expect_sell_out(const TomlTable& root, const Scenario& scenario) {
  if (scenario.metric != ScenarioMetric::time_to_sell_out) return;
  if (scenario.mix.reserve <= 0)
    root.fail("metric", "is time_to_sell_out, but the mix has no reserve: nothing would be sold");
  const std::int64_t supply = scenario.tickets * scenario.events;
  if (come_again(scenario) || scenario.users * scenario.quantity_max >= supply) return;
  root.fail("metric",
            fmt::format("is time_to_sell_out, but {} users with at most {} each cannot take {} "
                        "tickets: more users, or fewer tickets",
                        scenario.users, scenario.quantity_max, supply));
}

}  // namespace

void expect_demand(const TomlTable& root, const Scenario& scenario) {
  expect_sold_out(root, scenario);
  expect_sell_out(root, scenario);
}

}  // namespace boxoffice::harness
