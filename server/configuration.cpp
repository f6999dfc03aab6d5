// CLI11 reads flags and environment; each value is converted by our own words for durations and
// counts, so that a mistake is reported with the flag's name and never by a default.
#include "server/configuration.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boxoffice_version.hpp>
#include <cstdlib>
#include <limits>
#include <thread>

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_int_max = std::numeric_limits<int>::max();

std::string environment_of(const std::string& flag) {
  std::string name = "BOXOFFICE_SERVER_";
  for (const char c : flag.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  }
  return name;
}

/// An option whose text `take` converts; false is a mistake, which `form` explains.
template <class Take>
CLI::Option* add(CLI::App& app, const std::string& flag, const std::string& help,
                 const std::string& form, const std::string& shown, Take take) {
  const auto convert = [flag, form, take](const std::string& text) {
    if (!take(text)) throw CLI::ValidationError(flag, "'" + text + "' is not " + form);
  };
  return app.add_option_function<std::string>(flag, convert, help)
      ->envname(environment_of(flag))
      ->type_name("")
      ->default_str(shown);
}

void add_duration(CLI::App& app, const std::string& flag, Duration& value, std::int64_t least_us,
                  const std::string& help) {
  add(app, flag, help, "a duration such as 200ms, 30s or 5m", to_text(value),
      [&value, least_us](const std::string& text) {
        const auto duration = parse_duration(text);
        if (!duration || duration->count() < least_us) return false;
        value = *duration;
        return true;
      });
}

template <class Number>
void add_count(CLI::App& app, const std::string& flag, Number& value, std::int64_t least,
               std::int64_t most, const std::string& help) {
  add(app, flag, help, fmt::format("a whole number from {} to {}", least, most),
      std::to_string(value), [&value, least, most](const std::string& text) {
        const auto count = parse_count(text);
        if (!count || *count < least || *count > most) return false;
        value = static_cast<Number>(*count);
        return true;
      });
}

void add_text(CLI::App& app, const std::string& flag, std::string& value, const std::string& help) {
  add(app, flag, help, "a text", value, [&value](const std::string& text) {
    value = text;
    return true;
  });
}

void add_database(CLI::App& app, Configuration& c) {
  add_text(app, "--database", c.database,
           "postgresql:// or mysql://user[:password]@host[:port]/name; also from "
           "BOXOFFICE_DATABASE, where a "
           "password belongs");
  app.get_option("--database")->envname("");
}

void add_network(CLI::App& app, Configuration& c) {
  auto& server = c.server;
  auto& limits = server.limits;
  add_text(app, "--host", server.host, "address to listen on");
  add_count(app, "--port", server.port, 0, 65535, "0: any free one");
  add(app, "--operations-port", "/livez, /readyz and /version on this port instead of the other",
      "a port number", "", [&server](const std::string& text) {
        const auto port = parse_digits(text);
        if (!port || *port > 65535) return false;
        server.operations_port = static_cast<std::uint16_t>(*port);
        return true;
      });
  add_text(app, "--port-file", c.port_file, "writes the port there when it listens");
  add_count(app, "--io-threads", server.io_threads, 1, 64, "threads that serve connections");
  add_count(app, "--connections", server.connections_max, 1, 1'000'000,
            "a connection more than this gets 503");
  add_duration(app, "--idle-timeout", limits.idle_timeout, 1000, "between two requests");
  add_duration(app, "--header-timeout", limits.header_timeout, 1000, "first byte to end of header");
  add_duration(app, "--body-timeout", limits.body_timeout, 1000, "end of header to end of body");
  add_duration(app, "--write-timeout", limits.write_timeout, 1000, "for a whole reply");
}

bool take_event_concurrency(const std::string& text, int& per_key) {
  const auto count = text == "unlimited" ? std::optional<std::int64_t>(0) : parse_count(text);
  if (!count || *count > k_int_max || (*count == 0 && text != "unlimited")) return false;
  per_key = static_cast<int>(*count);
  return true;
}

void add_service(CLI::App& app, Configuration& c) {
  add_text(app, "--strategy", c.strategy, "how tickets are kept safe; an unknown one lists all");
  add_count(app, "--pool", c.executor.threads, 1, 1000,
            "database connections for requests, a thread each");
  add(app, "--event-concurrency", "transactions of one event at once; the others wait in memory",
      "a whole number from 1 or 'unlimited'", std::to_string(c.executor.per_key),
      [&c](const std::string& text) { return take_event_concurrency(text, c.executor.per_key); });
  add_count(app, "--queue", c.executor.queue, 1, 10'000'000, "requests that may wait for a thread");
  add_duration(app, "--deadline", c.deadline, 1000, "a request not begun by then gets 503");
  add_duration(app, "--hold", c.hold, 1000, "how long a reservation is held");
  add_duration(app, "--sweep-interval", c.sweep_interval, 0, "0: expired holds only on demand");
  add_duration(app, "--drain", c.drain, 0, "at SIGTERM: time for requests under way");
  add_duration(app, "--grace", c.grace, 0, "at SIGTERM: /readyz says no this long, then it drains");
  add(app, "--log-level", "debug, info, warn, error or off", "a level", "info",
      [&c](const std::string& text) { return log::parse_level(text, c.log_level); });
  add_text(app, "--log-file", c.log_file, "instead of stderr");
  app.add_flag("--exit-with-parent", c.exit_with_parent, "stops when the parent process ends");
}

void add_seed(CLI::App& app, Configuration& c) {
  const auto most = std::int64_t{100'000'000};
  add_count(app, "--users", c.seed.users, 0, most, "users to add, a token each");
  add_count(app, "--events", c.seed.events, 0, most, "events to add");
  add_count(app, "--tickets", c.seed.tickets, 1, most, "tickets of each event");
  add_count(app, "--history-rows", c.seed.history_rows, 0, most,
            "old reservations, so that plans are as in production");
  add_text(app, "--secret", c.seed.secret, "tokens derive from it; none: drawn at random");
  add_text(app, "--tokens-out", c.tokens_out, "file for lines of: user id, tab, token");
  add_text(app, "--events-out", c.events_out, "file for lines of: event id");
}

/// CLI11 reads the environment for the subcommands that were not named, too, and would put it over
/// a flag that three of them share: so this one is read here.
void read_database_from_environment(Configuration& c) {
  const char* const url = std::getenv("BOXOFFICE_DATABASE");
  if (c.database.empty() && url != nullptr) c.database = url;
}

void check(const Configuration& c) {
  if (c.database.empty()) {
    throw CLI::RequiredError("--database (or BOXOFFICE_DATABASE)");
  }
  boost::system::error_code error;
  boost::asio::ip::make_address(c.server.host, error);
  if (error) throw CLI::ValidationError("--host", "'" + c.server.host + "' is not an address");
}

int default_io_threads() {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(cores / 4, 1, 8);
}

/// CLI11 puts the flag's name and more in front, on several lines: ours is one line.
int complain(const CLI::ParseError& error) {
  std::string text = error.what();
  std::ranges::replace(text, '\n', ' ');
  fmt::print(stderr, "boxoffice-server: {} (--help lists all flags)\n", text);
  return k_exit_usage;
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv) {
  Configuration c;
  c.server.io_threads = default_io_threads();
  CLI::App app("Sells tickets over HTTP and never one too many.", "boxoffice-server");
  app.set_version_flag("--version", fmt::format("boxoffice-server {} ({}, {})", k_version,
                                                k_git_commit, k_build_type));
  app.require_subcommand(0, 1);
  add_database(app, c);
  add_network(app, c);
  add_service(app, c);
  auto* const migrate = app.add_subcommand("migrate", "brings the schema to the newest version");
  auto* const seed = app.add_subcommand("seed", "adds users with tokens, and events, in bulk");
  add_database(*migrate, c);
  add_database(*seed, c);
  add_seed(*seed, c);
  try {
    app.parse(argc, argv);
    if (migrate->parsed()) c.command = Command::migrate;
    if (seed->parsed()) c.command = Command::seed;
    read_database_from_environment(c);
    check(c);
  } catch (const CLI::Success& success) {
    return {std::nullopt, app.exit(success)};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, complain(error)};
  }
  return {std::move(c), 0};
}

}  // namespace boxoffice::server
