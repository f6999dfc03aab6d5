// See settings.hpp. Whoever adds a setting adds it here, once, and its value to Configuration.
//
// What a setting takes is checked where it is taken, so that a mistake is reported with the flag,
// the variable or the file's line that it came from.
#include "server/settings.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <limits>

#include "strategies/database.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::server {
namespace {

using List = std::vector<Setting>;

constexpr std::int64_t k_int_max = std::numeric_limits<int>::max();
constexpr std::int64_t k_rows_max = 100'000'000;
constexpr std::int64_t k_least_timeout_us = 1000;
constexpr std::int64_t k_least_lag_us = 200'000;  // its age is looked at 50 times a second at most

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  return out;
}

std::string mask_url(const std::string& url) {
  return strategies::Database(url).display_url();
}

/// One of the two that name a database replaces the other: the later one is the stronger.
/// `of_url` and `of_file` are their places, `none` the word for no database, if there is one.
template <class OfUrl, class OfFile>
List database_pair(const std::string& key, const std::string& help, const std::string& file_help,
                   const std::string& none, OfUrl of_url, OfFile of_file) {
  auto url = text_setting(key, help, of_url);
  url.take = [of_url, of_file, none](Configuration& c, const std::string& text) {
    const bool named = none.empty() || text != none;
    if (named) strategies::Database{text};  // throws what is wrong with it, without its password
    of_url(c) = named ? text : "";
    of_file(c).clear();
    return true;
  };
  url.show = [of_url, of_file](const Configuration& c) -> std::optional<std::string> {
    if (of_url(c).empty() || !of_file(c).empty()) return std::nullopt;
    return of_url(c);
  };
  url.mask = mask_url;
  auto file = text_setting(key + "_file", file_help, of_file);
  file.take = [of_url, of_file](Configuration& c, const std::string& text) {
    of_url(c).clear();
    of_file(c) = text;
    return !text.empty();
  };
  file.form = "a file's path";
  return {url, file};
}

List make_database() {
  auto pair = database_pair(
      "database", "postgresql:// or mysql://; a password does not belong here",
      "a file that holds the URL, its password included", "",
      [](auto& c) -> auto& { return c.database; },
      [](auto& c) -> auto& { return c.database_file; });
  pair[0].variable = "BOXOFFICE_DATABASE";
  pair[1].variable = "BOXOFFICE_DATABASE_FILE";
  return pair;
}

void add_reads(List& list) {
  list.push_back(duration_setting(
      "event_cache", "how long an event is shown from memory; 0: never", 0,
      [](auto& c) -> auto& { return c.event_cache; }));
  const auto pair = database_pair(
      "replica_database", "a read replica for listings; none: there is none",
      "a file that holds its URL, its password included", "none",
      [](auto& c) -> auto& { return c.replica_database; },
      [](auto& c) -> auto& { return c.replica_database_file; });
  list.insert(list.end(), pair.begin(), pair.end());
  list.push_back(duration_setting(
      "replica_lag", "it is read while it is at most so old", k_least_lag_us,
      [](auto& c) -> auto& { return c.replica_lag; }));
  list.push_back(count_setting(
      "replica_pool", "connections to it, a thread each", 1, 1000,
      [](auto& c) -> auto& { return c.replica_pool; }));
}

Setting operations_port() {
  const auto take = [](Configuration& c, const std::string& text) {
    const auto port = parse_digits(text);
    if (!port || *port > 65535) return false;
    c.server.operations_port = static_cast<std::uint16_t>(*port);
    return true;
  };
  const auto show = [](const Configuration& c) -> std::optional<std::string> {
    const auto port = c.server.operations_port;
    return port ? std::optional(std::to_string(*port)) : std::nullopt;
  };
  return {"operations_port",
          "/livez, /readyz, /metrics, ... here instead",
          "a port number",
          Kind::number,
          take,
          show};
}

Setting host() {
  auto host = text_setting(
      "host", "address to listen on", [](auto& c) -> auto& { return c.server.host; });
  host.take = [](Configuration& c, const std::string& text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    c.server.host = text;
    return !error;
  };
  host.form = "an address";
  return host;
}

/// A file that is written, in a directory that is there.
template <class Of>
Setting output_setting(std::string key, std::string help, Of of) {
  auto file = text_setting(std::move(key), std::move(help), of);
  file.take = [of](Configuration& c, const std::string& text) {
    if (text.empty()) return false;
    std::error_code error;  // a path may hold anything; what cannot be looked at is no directory
    const auto directory = std::filesystem::absolute(text, error).parent_path();
    of(c) = text;
    return !error && std::filesystem::is_directory(directory, error);
  };
  file.form = "a file in a directory that exists";
  return file;
}

/// A file that is read when the server starts; --check-config reads it too.
template <class Of>
Setting input_setting(std::string key, std::string help, Of of) {
  auto file = text_setting(std::move(key), std::move(help), of);
  file.take = [of](Configuration& c, const std::string& text) {
    of(c) = text;
    return !text.empty();
  };
  file.form = "a file's path";
  return file;
}

void add_network(List& list) {
  list.push_back(host());
  list.push_back(count_setting(
      "port", "0: any free one", 0, 65535, [](auto& c) -> auto& { return c.server.port; }));
  list.push_back(operations_port());
  list.push_back(output_setting(
      "port_file", "writes the port there when it listens",
      [](auto& c) -> auto& { return c.port_file; }));
  list.push_back(input_setting(
      "tls_certificate", "PEM file, chain included: the port speaks HTTPS",
      [](auto& c) -> auto& { return c.tls.certificate; }));
  list.push_back(input_setting(
      "tls_key", "PEM file with its private key", [](auto& c) -> auto& { return c.tls.key; }));
  list.push_back(count_setting(
      "io_threads", "threads that serve connections", 1, 64,
      [](auto& c) -> auto& { return c.server.io_threads; }));
  list.push_back(count_setting(
      "connections", "a connection more than this gets 503", 1, 1'000'000,
      [](auto& c) -> auto& { return c.server.connections_max; }));
  const auto timeout = [&list](const char* key, const char* help, auto of) {
    list.push_back(duration_setting(key, help, k_least_timeout_us, of));
  };
  timeout(
      "idle_timeout", "between two requests",
      [](auto& c) -> auto& { return c.server.limits.idle_timeout; });
  timeout(
      "header_timeout", "first byte to end of header",
      [](auto& c) -> auto& { return c.server.limits.header_timeout; });
  timeout(
      "body_timeout", "end of header to end of body",
      [](auto& c) -> auto& { return c.server.limits.body_timeout; });
  timeout(
      "write_timeout", "for a whole reply",
      [](auto& c) -> auto& { return c.server.limits.write_timeout; });
}

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
          "transactions of one event at once; others wait",
          "a whole number from 1 or 'unlimited'",
          Kind::number_or_word,
          take,
          show};
}

void add_service(List& list) {
  list.push_back(strategy());
  list.push_back(count_setting(
      "pool", "database connections for requests, a thread each", 1, 1000,
      [](auto& c) -> auto& { return c.executor.threads; }));
  list.push_back(event_concurrency());
  list.push_back(count_setting(
      "queue", "requests that may wait for a thread", 1, 10'000'000,
      [](auto& c) -> auto& { return c.executor.queue; }));
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

Setting trusted_proxies() {
  auto proxies = text_setting(
      "trusted_proxies", "X-Forwarded-For is believed: 10.0.0.0/8,fd00::/8",
      [](auto& c) -> auto& { return c.trusted_proxies; });
  proxies.take = [](Configuration& c, const std::string& text) {
    const auto parsed = TrustedProxies::parse(text);
    if (!parsed) return false;
    c.trusted_proxies = text;
    c.limits.trusted_proxies = *parsed;
    return true;
  };
  proxies.form = "a list of addresses and networks, with commas";
  return proxies;
}

void add_limits(List& list) {
  const auto limit = [&list](const char* key, const char* help, auto of) {
    list.push_back(count_setting(key, help, 0, 1'000'000'000, of));
    list.back().reloadable = true;
  };
  limit(
      "rate_limit_user", "requests a minute of one user; 0: no limit",
      [](auto& c) -> auto& { return c.limits.user_per_minute; });
  limit(
      "rate_limit_address", "the same of one address without a token; 0: no limit",
      [](auto& c) -> auto& { return c.limits.address_per_minute; });
  limit(
      "rate_limit_logins", "failed logins a minute of one account; 0: no limit",
      [](auto& c) -> auto& { return c.limits.logins_per_minute; });
  list.push_back(trusted_proxies());
  list.push_back(duration_setting(
      "token_lifetime", "of the token that a login gives; 0: without end", 0,
      [](auto& c) -> auto& { return c.token_lifetime; }));
  list.push_back(duration_setting(
      "token_use_interval", "how often last_used_at is written; 0: never", 0,
      [](auto& c) -> auto& { return c.token_use_interval; }));
  list.push_back(count_setting(
      "password_threads", "for logins: 64 MiB and a connection each", 1, 64,
      [](auto& c) -> auto& { return c.password_threads; }));
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

List make_server() {
  List list = make_database();
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

List make_seed() {
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

std::string Setting::flag() const {
  std::string flag = "--" + key;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string Setting::environment() const {
  return variable.empty() ? "BOXOFFICE_SERVER_" + upper(key) : variable;
}

std::optional<std::string> Setting::display(const Configuration& c) const {
  const auto text = show(c);
  return text && mask ? mask(*text) : text;
}

std::span<const Setting> database_settings() {
  static const List list = make_database();
  return list;
}

std::span<const Setting> server_settings() {
  static const List list = make_server();
  return list;
}

std::span<const Setting> seed_settings() {
  static const List list = make_seed();
  return list;
}

const Setting* find_setting(std::span<const Setting> settings, std::string_view key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? nullptr : &*found;
}

}  // namespace boxoffice::server
