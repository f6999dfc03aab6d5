// See settings.hpp. Whoever adds a setting adds it here or to a group of settings_groups.hpp, once,
// and its value to Configuration.
//
// What a setting takes is checked where it is taken, so that a mistake is reported with the flag,
// the variable or the file's line that it came from.
#include "server/settings.hpp"

#include <algorithm>
#include <limits>

#include "server/settings_groups.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_int_max = std::numeric_limits<int>::max();
constexpr std::int64_t k_rows_max = 100'000'000;

Setting strategy() {
  auto strategy = text_setting(
      "strategy", "how tickets are kept safe; an unknown one lists all",
      [](auto& c) -> auto& { return c.strategy; });
  strategy.take = [](Configuration& c, const std::string& text) {
    strategies::make_strategy(text);  // throws where there is none
    c.strategy = text;
    return true;
  };
  return strategy;
}

Setting event_concurrency() {
  const auto take = [](Configuration& c, const std::string& text) {
    const auto count = text == "unlimited" ? std::optional<std::int64_t>(0) : parse_count(text);
    if (!count || *count > k_int_max || (*count == 0 && text != "unlimited")) return false;
    c.executor.per_key = static_cast<int>(*count);
    return true;
  };
  const auto show = [](const Configuration& c) {
    const int limit = c.executor.per_key;
    return std::optional(limit == 0 ? "unlimited" : std::to_string(limit));
  };
  return {"event_concurrency",
          "transactions of one event at once, at most; others wait",
          "a whole number from 1 or 'unlimited'",
          Kind::number_or_word,
          take,
          show};
}

void add_service(SettingList& list) {
  list.push_back(strategy());
  list.push_back(count_setting(
      "pool", "database connections for requests, a thread each", 1, 1000,
      [](auto& c) -> auto& { return c.executor.threads; }));
  list.push_back(event_concurrency());
  list.push_back(count_setting(
      "queue", "requests that may wait for a thread", 1, 10'000'000,
      [](auto& c) -> auto& { return c.executor.queue; }));
  list.push_back(duration_setting(
      "queue_wait", "of a line that lasts; who had to wait longer gets 503; 0: waits", 0,
      [](auto& c) -> auto& { return c.executor.queue_wait; }));
  list.push_back(duration_setting(
      "deadline", "a request not begun by then gets 503", k_least_timeout_us,
      [](auto& c) -> auto& { return c.deadline; }));
  list.push_back(duration_setting(
      "slow_transaction", "longer ones are logged; 0: none", 0,
      [](auto& c) -> auto& { return c.slow_transaction; }));
  list.push_back(duration_setting(
      "hold", "how long a reservation is held", k_least_timeout_us,
      [](auto& c) -> auto& { return c.hold; }));
  list.push_back(duration_setting(
      "sweep_interval", "0: expired holds only on demand", 0,
      [](auto& c) -> auto& { return c.sweep_interval; }));
  list.push_back(duration_setting(
      "drain", "at SIGTERM: time for requests under way", 0,
      [](auto& c) -> auto& { return c.drain; }));
  list.push_back(duration_setting(
      "grace", "at SIGTERM: /readyz says no this long first", 0,
      [](auto& c) -> auto& { return c.grace; }));
}

Setting log_level() {
  const auto take = [](Configuration& c, const std::string& text) {
    return log::parse_level(text, c.log_level);
  };
  const auto show = [](const Configuration& c) {
    return std::optional<std::string>(log::to_string(c.log_level));
  };
  Setting level{"log_level",
                "debug, info, warn, error or off",
                "a level: debug, info, warn, error or off",
                Kind::text,
                take,
                show};
  level.reloadable = true;
  return level;
}

SettingList make_database() {
  SettingList list;
  add_database(list);
  return list;
}

SettingList make_server() {
  SettingList list = make_database();
  add_network(list);
  add_service(list);
  add_reads(list);
  add_limits(list);
  list.push_back(log_level());
  list.push_back(output_setting(
      "log_file", "instead of stderr", [](auto& c) -> auto& { return c.log_file; }));
  list.push_back(boolean_setting(
      "exit_with_parent", "stops when the parent process ends",
      [](auto& c) -> auto& { return c.exit_with_parent; }));
  return list;
}

SettingList make_seed() {
  auto secret = text_setting(
      "secret", "tokens derive from it; none: drawn at random",
      [](auto& c) -> auto& { return c.seed.secret; });
  secret.mask = [](const std::string&) { return std::string("..."); };
  return {
      count_setting(
          "users", "users to add, a token each", 0, k_rows_max,
          [](auto& c) -> auto& { return c.seed.users; }),
      count_setting(
          "events", "events to add", 0, k_rows_max, [](auto& c) -> auto& { return c.seed.events; }),
      count_setting(
          "tickets", "tickets of each event", 1, k_rows_max,
          [](auto& c) -> auto& { return c.seed.tickets; }),
      count_setting(
          "history_rows", "old reservations, so that plans are as in production", 0, k_rows_max,
          [](auto& c) -> auto& { return c.seed.history_rows; }),
      secret,
      text_setting(
          "tokens_out", "file for lines of: user id, tab, token",
          [](auto& c) -> auto& { return c.tokens_out; }),
      text_setting(
          "events_out", "file for lines of: event id",
          [](auto& c) -> auto& { return c.events_out; }),
  };
}

}  // namespace

std::span<const Setting> database_settings() {
  static const SettingList list = make_database();
  return list;
}

std::span<const Setting> server_settings() {
  static const SettingList list = make_server();
  return list;
}

std::span<const Setting> seed_settings() {
  static const SettingList list = make_seed();
  return list;
}

const Setting* find_setting(std::span<const Setting> settings, std::string_view key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? nullptr : &*found;
}

}  // namespace boxoffice::server
