// CLI11 finds the flags and takes them as texts. The three sources are then read alike: as texts
// for settings, the weaker source first, and whatever is wrong in any of them is an error, also
// where a stronger source would have replaced it.
#include "server/configuration.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boxoffice_version.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

#include "server/configuration_file.hpp"
#include "server/settings.hpp"
#include "strategies/database.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

using strategies::ConfigurationError;
using Settings = std::span<const Setting>;

constexpr std::string_view k_variable_prefix = "BOXOFFICE_SERVER_";
constexpr const char* k_config_variable = "BOXOFFICE_SERVER_CONFIG";
constexpr const char* k_footer =
    "Each flag of the server is a key in the file of --config too, and a variable of the\n"
    "environment: --idle-timeout is idle_timeout and BOXOFFICE_SERVER_IDLE_TIMEOUT;\n"
    "--database is BOXOFFICE_DATABASE, --database-file BOXOFFICE_DATABASE_FILE. A flag is\n"
    "stronger than the environment, which is stronger than the file. SIGHUP reads the log\n"
    "level, the rate limits and the certificate again.\n"
    "Exit codes: 0 stopped in order, 64 a flag, a file or a URL is wrong, 69 the database, the\n"
    "port or a file cannot be had, 70 a bug of this program, 128 + signal where a second one ended "
    "it.";

/// Empty is as good as absent: a compose file's ${POOL:-} is.
std::string variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

Configuration defaults() {
  Configuration c;
  c.server.io_threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 4, 1, 8);
  return c;
}

std::vector<Given> from_environment(Settings settings) {
  std::vector<Given> given;
  for (const Setting& setting : settings) {
    const std::string name = setting.environment();
    if (auto text = variable(name); !text.empty()) given.push_back({&setting, text, name});
  }
  return given;
}

/// Meant for this server, and none of its settings: a mistake, as it would be in the file.
void refuse_unknown_variables() {
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text = *each;
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(k_variable_prefix) || name == k_config_variable) continue;
    const auto is_this = [&](const Setting& setting) { return setting.environment() == name; };
    if (std::ranges::any_of(server_settings(), is_this)) continue;
    if (std::ranges::any_of(seed_settings(), is_this)) continue;
    throw ConfigurationError(fmt::format("{}: no such setting (--help lists them all)", name));
  }
}

std::vector<Given> from_flags(Settings settings, const Sources& sources) {
  std::vector<Given> given;
  for (const auto& [key, text] : sources.flags) {
    if (const Setting* setting = find_setting(settings, key)) {
      given.push_back({setting, text, setting->flag()});
    }
  }
  return given;
}

void take(Configuration& c, const Given& given) {
  try {
    if (given.setting->take(c, given.text)) return;
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(fmt::format("{}: {}", given.where, error.what()));
  }
  throw ConfigurationError(
      fmt::format("{}: '{}' is not {}", given.where, given.text, given.setting->form));
}

/// What one source says; `where` learns where each setting stands.
void take_all(Configuration& c, const std::vector<Given>& source,
              std::map<std::string, std::string>& where) {
  for (const Given& given : source) {
    for (const std::string url : {"database", "replica_database"}) {
      const auto other =
          std::ranges::find(source, url, [](const Given& g) { return g.setting->key; });
      if (given.setting->key == url + "_file" && other != source.end()) {
        throw ConfigurationError(fmt::format("{}: {} names the {} already", given.where,
                                             other->where,
                                             url == "database" ? "database" : "replica"));
      }
    }
    take(c, given);
    where[given.setting->key] = given.where;
  }
}

/// The first line; a final newline is how editors and secret stores write it.
std::string read_url(const std::string& file, const std::string& where) {
  std::ifstream in(file);
  std::string url;
  if (!std::getline(in, url)) {
    throw ConfigurationError(fmt::format("{}: cannot read a URL from {}", where, file));
  }
  try {
    strategies::Database{url};
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(fmt::format("{}: {}: {}", where, file, error.what()));
  }
  return url;
}

/// Positions in one engine's log mean nothing to another, and the age that one session measures
/// nothing for another that leads elsewhere.
void check_replica(const Configuration& c, const std::map<std::string, std::string>& where) {
  if (c.replica_database.empty()) return;
  const strategies::Database primary(c.database), replica(c.replica_database);
  const auto at =
      where.find(c.replica_database_file.empty() ? "replica_database" : "replica_database_file");
  if (primary.dialect() != replica.dialect()) {
    throw ConfigurationError(fmt::format("{}: {} is no replica of {}, which is another engine",
                                         at->second, replica.display_url(), primary.display_url()));
  }
  if (replica.names_several()) {
    throw ConfigurationError(
        fmt::format("{}: {} names several servers: a replica is one, whose age is known",
                    at->second, replica.display_url()));
  }
}

void add_flags(CLI::App& app, Settings settings, Sources& sources) {
  static const Configuration shown = defaults();
  for (const Setting& setting : settings) {
    const auto keep = [&sources, key = setting.key](const std::string& text) {
      sources.flags.emplace_back(key, text);
    };
    if (setting.kind == Kind::boolean) {
      app.add_flag_callback(
          setting.flag(), [keep] { keep("true"); }, setting.help);
    } else {
      app.add_option_function<std::string>(setting.flag(), keep, setting.help)
          ->type_name("")
          ->default_str(setting.display(shown).value_or(""));
    }
  }
}

/// CLI11 puts the flag's name and more in front, on several lines: ours is one line.
int complain(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  fmt::print(stderr, "boxoffice-server: {}\n", text);
  return k_exit_usage;
}

}  // namespace

Configuration read_configuration(const Sources& sources) {
  Configuration c = defaults();
  c.sources = sources;
  std::map<std::string, std::string> where;
  const auto settings = server_settings();
  if (!sources.file.empty()) {
    take_all(c, read_configuration_file(sources.file, settings), where);
  }
  refuse_unknown_variables();
  take_all(c, from_environment(settings), where);
  take_all(c, from_flags(settings, sources), where);
  if (sources.command == Command::seed) {
    take_all(c, from_environment(seed_settings()), where);
    take_all(c, from_flags(seed_settings(), sources), where);
  }
  if (!c.database_file.empty()) c.database = read_url(c.database_file, where["database_file"]);
  if (!c.replica_database_file.empty()) {
    c.replica_database = read_url(c.replica_database_file, where["replica_database_file"]);
  }
  if (c.tls.certificate.empty() != c.tls.key.empty()) {
    throw ConfigurationError("tls_certificate and tls_key: one without the other");
  }
  if (c.database.empty()) {
    throw ConfigurationError(
        "no database: give --database-file or --database, BOXOFFICE_DATABASE_FILE or "
        "BOXOFFICE_DATABASE, or a key of the configuration file (--help lists all flags)");
  }
  check_replica(c, where);
  return c;
}

CommandLine read_command_line(int argc, const char* const* argv) {
  Sources sources{.command = Command::serve, .file = variable(k_config_variable), .flags = {}};
  CLI::App app("Sells tickets over HTTP and never one too many.", "boxoffice-server");
  app.footer(k_footer);
  app.set_version_flag("--version", fmt::format("boxoffice-server {} ({}, {})", k_version,
                                                k_git_commit, k_build_type));
  app.require_subcommand(0, 1);
  app.add_option("--config", sources.file)
      ->type_name("")
      ->description(fmt::format("a TOML file; also from {}", k_config_variable));
  auto* const check =
      app.add_flag("--check-config")->description("reads and checks all, connects to nothing");
  auto* const print =
      app.add_flag("--print-config")->description("prints what is in effect, as TOML");
  check->excludes(print);
  add_flags(app, server_settings(), sources);
  auto* const migrate = app.add_subcommand("migrate", "brings the schema to the newest version");
  auto* const dry_run =
      migrate->add_flag("--dry-run")
          ->description("says what it would do, and which programs run on the result");
  auto* const seed = app.add_subcommand("seed", "adds users with tokens, and events, in bulk");
  for (auto* const command : {migrate, seed}) {
    command->excludes(check)->excludes(print);
    add_flags(*command, database_settings(), sources);
  }
  add_flags(*seed, seed_settings(), sources);
  try {
    app.parse(argc, argv);
    if (migrate->parsed()) sources.command = Command::migrate;
    if (dry_run->count() > 0) sources.command = Command::show_migrations;
    if (seed->parsed()) sources.command = Command::seed;
    if (check->count() > 0) sources.command = Command::check_config;
    if (print->count() > 0) sources.command = Command::print_config;
    return {read_configuration(sources), 0};
  } catch (const CLI::Success& success) {
    return {std::nullopt, app.exit(success)};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, complain(fmt::format("{} (--help lists all flags)", error.what()))};
  } catch (const ConfigurationError& error) {
    return {std::nullopt, complain(error.what())};
  }
}

}  // namespace boxoffice::server
