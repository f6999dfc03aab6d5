// See options.hpp.
#include "harness/commands/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <random>

#include "harness/commands/commands.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

// "-c,--event-concurrency" -> "BOXOFFICE_EVENT_CONCURRENCY"
std::string environment_of(const std::string& flags) {
  std::string name = "BOXOFFICE_";
  for (const char c : flags.substr(flags.rfind("--") + 2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

template <class Take>
CLI::Option* add_text(CLI::App& app, const std::string& flags, const std::string& shown,
                      const std::string& help, Take take) {
  const auto convert = [flags, take](const std::string& text) {
    try {
      take(text);
    } catch (const UsageError& error) {
      throw CLI::ValidationError(flags, error.what());
    }
  };
  return app.add_option_function<std::string>(flags, convert, help)
      ->envname(environment_of(flags))
      ->type_name("")
      ->default_str(shown);
}

template <class Value>
Value one_of(const std::string& text, const std::vector<std::pair<std::string, Value>>& words) {
  std::vector<std::string> names;
  for (const auto& [name, value] : words) {
    if (text == name) return value;
    names.push_back(name);
  }
  throw UsageError(fmt::format("'{}' is not one of {}", text, fmt::join(names, ", ")));
}

bool is_typed(const CLI::Option& option, const std::vector<std::string>& argv) {
  return std::ranges::any_of(argv, [&option](const std::string& word) {
    for (const std::string& name : option.get_lnames())
      if (word == "--" + name || word.starts_with("--" + name + "=")) return true;
    return std::ranges::any_of(option.get_snames(), [&word](const std::string& name) {
      return word.starts_with("-" + name);
    });
  });
}

}  // namespace

CLI::Option* add_duration(CLI::App& app, const std::string& flags, Duration& value,
                          const std::string& help) {
  return add_text(app, flags, duration_text(value), help,
                  [&value](const std::string& text) { value = parse_duration(text); });
}

CLI::Option* add_count(CLI::App& app, const std::string& flags, std::int64_t& value,
                       std::int64_t least, const std::string& help) {
  return add_text(app, flags, std::to_string(value), help,
                  [&value, least](const std::string& text) {
                    const std::int64_t count = parse_count(text);
                    if (count < least)
                      throw UsageError(fmt::format("'{}' is less than {}", text, least));
                    value = count;
                  });
}

CLI::Option* add_share(CLI::App& app, const std::string& flags, double& value,
                       const std::string& help) {
  return add_text(app, flags, fmt::format("{}", value), help, [&value](const std::string& text) {
    value = parse_share(text.starts_with('<') ? text.substr(1) : text);
  });
}

CLI::Option* add_list(CLI::App& app, const std::string& flags, std::vector<std::string>& values,
                      const std::string& help) {
  return app.add_option(flags, values, help)
      ->delimiter(',')
      ->envname(environment_of(flags))
      ->type_name("")
      ->default_str(fmt::format("{}", fmt::join(values, ",")));
}

// 0 is how the options say that none was given.
std::uint64_t parse_seed(const std::string& text) {
  constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max();  // trials add to it
  std::int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc() && end == text.data() + text.size() && seed > 0)
    return static_cast<std::uint64_t>(seed);
  throw UsageError(fmt::format("'{}' is no seed: a whole number from 1 to {}", text, k_most));
}

void add_measurement_options(CLI::App& app, RunOptions& options) {
  add_text(app, "--seed", "random", "the same seed sends the same traffic",
           [&options](const std::string& text) {
             if (text != "random") options.seed = parse_seed(text);
           });
  app.add_flag("-q,--quiet", options.quiet, "no progress, the result only")
      ->envname("BOXOFFICE_QUIET");
}

void add_run_options(CLI::App& app, RunOptions& options) {
  add_measurement_options(app, options);
  app.add_option("-o,--output", options.output, "where run directories go")
      ->envname("BOXOFFICE_OUTPUT")
      ->type_name("")
      ->default_str(options.output.string());
}

void add_database_options(CLI::App& app, DatabaseChoice& choice) {
  app.add_option("--database", choice.database,
                 "postgresql, mariadb or mysql (a private one), or a postgresql:// or mysql:// URL")
      ->envname("BOXOFFICE_DATABASE")
      ->type_name("")
      ->default_str(choice.database);
  add_text(app, "--durability", "full", "what a commit costs: full or relaxed",
           [&choice](const std::string& text) {
             choice.durability = one_of<Durability>(
                 text, {{"full", Durability::full}, {"relaxed", Durability::relaxed}});
           });
  add_text(app, "--storage", "disk", "where the private database lies: disk or memory",
           [&choice](const std::string& text) {
             choice.storage =
                 one_of<Storage>(text, {{"disk", Storage::disk}, {"memory", Storage::memory}});
           });
  app.add_option("--postgresql-bin", choice.postgresql_binaries,
                 "the directory of initdb and postgres")
      ->envname("BOXOFFICE_POSTGRESQL_BIN")
      ->type_name("");
  app.add_option("--mysql-root", choice.mysql_root,
                 "a Debian root with MySQL's server in it ('make mysql' prepares one)")
      ->envname("BOXOFFICE_MYSQL_ROOT")
      ->type_name("");
}

void refuse_flags(const CLI::App& app, Context& context, std::initializer_list<const char*> flags,
                  const std::string& why) {
  for (const char* const flag : flags) {
    const CLI::Option& option = *app.get_option(flag);
    const char* const environment = std::getenv(option.get_envname().c_str());
    const bool typed =
        environment == nullptr || option.results() != std::vector<std::string>{environment};
    if (option.count() > 0 && typed) throw UsageError(fmt::format("{}: {}", flag, why));
    std::erase_if(context.environment,
                  [&](const auto& given) { return "--" + given.first == std::string_view(flag); });
  }
}

void settle_seed(RunOptions& options) {
  if (options.seed == 0) options.seed = std::random_device{}() % 1'000'000'000 + 1;
}

std::vector<std::pair<std::string, std::string>> configuration_of(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> configuration;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name =
        option->get_lnames().empty() ? option->get_name() : option->get_lnames().front();
    if (name == "help" || name == "config") continue;
    const auto& given = option->results();
    configuration.emplace_back(
        name, given.empty() ? option->get_default_str() : fmt::format("{}", fmt::join(given, ",")));
  }
  return configuration;
}

std::vector<std::pair<std::string, std::string>> given_by_environment(
    const CLI::App& app, const std::vector<std::string>& argv) {
  std::vector<std::pair<std::string, std::string>> given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_envname().empty() || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    const char* const text = std::getenv(option->get_envname().c_str());
    if (text == nullptr || name == "seed" || is_typed(*option, argv)) continue;
    // A key of --config goes before the environment.
    if (fmt::format("{}", fmt::join(option->results(), ",")) == text)
      given.emplace_back(name, text);
  }
  return given;
}

bool colour_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

}  // namespace boxoffice::harness
