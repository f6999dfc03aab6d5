// From the command line to one of its commands, and from what they throw to an exit code.
#include "server/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "server/configuration.hpp"
#include "server/configuration_file.hpp"
#include "server/serve.hpp"
#include "server/settings.hpp"
#include "strategies/database.hpp"
#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"

namespace boxoffice::server {
namespace {

int fail(int exit_code, std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::ranges::replace(message, '\n', ' ');
  fmt::print(stderr, "boxoffice-server: {}\n", message);
  return exit_code;
}

/// A file for lines; an empty path takes them and keeps nothing. Only its owner may read it, for
/// what is written may be tokens.
class LineFile {
 public:
  explicit LineFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor >= 0) file_.reset(::fdopen(descriptor, "w"));
    if (!file_) throw strategies::ConfigurationError("cannot write " + path);
  }
  void write(const std::string& line) {
    if (file_) std::fputs(line.c_str(), file_.get());
  }
  /// Throws Unavailable where not all of it could be written; `lost` says what that means.
  void close(const std::string& lost) {
    if (!file_) return;
    const bool failed = std::ferror(file_.get()) != 0;  // of an earlier write
    if (std::fclose(file_.release()) != 0 || failed)
      throw Unavailable(fmt::format("cannot write {} to its end: {}", path_, lost));
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

void print_schema(const strategies::SchemaState& schema) {
  fmt::print("schema version {}", schema.version);
  if (schema.version > 0)
    fmt::print(", for programs that know version {} or newer", schema.oldest_program);
  fmt::print("{}\n", schema.version > schema.program
                         ? fmt::format("; this one knows {} and leaves it alone", schema.program)
                         : "");
}

int show_migrations(const strategies::Database& database) {
  strategies::SchemaState schema;
  const auto pending = strategies::pending_migrations(database, schema);
  print_schema(schema);
  for (const auto& step : pending) {
    schema.version = step.version;
    schema.oldest_program = std::max(schema.oldest_program, step.oldest_program);
    fmt::print("would apply {}: ", step.file);
    print_schema(schema);
  }
  return 0;
}

int migrate(const Configuration& configuration) {
  const strategies::Database database(configuration.database);
  const auto migrated = strategies::migrate(database);
  for (const auto& file : migrated.applied) fmt::print("applied {}\n", file);
  print_schema(migrated.after);
  return 0;
}

int seed(const Configuration& configuration) {
  const strategies::Database database(configuration.database);
  strategies::check_schema(database);
  LineFile tokens(configuration.tokens_out);
  LineFile events(configuration.events_out);
  strategies::seed(
      database, configuration.seed,
      [&](strategies::UserId user, const std::string& token) {
        tokens.write(fmt::format("{}\t{}\n", user.value, token));
      },
      [&](strategies::EventId event) { events.write(fmt::format("{}\n", event.value)); });
  tokens.close("the users are there, and their tokens are lost");
  events.close("the events are there");
  return 0;
}

int check(const Configuration& configuration) {
  if (!configuration.tls.certificate.empty()) {
    if (const auto notice = check_certificate(configuration.tls)) {
      fmt::print(stderr, "boxoffice-server: warning: {}\n", *notice);
    }
  }
  fmt::print("configuration is valid\n");
  return 0;
}

int run(const Configuration& configuration) {
  switch (configuration.sources.command) {
    case Command::migrate:
      return migrate(configuration);
    case Command::show_migrations:
      return show_migrations(strategies::Database(configuration.database));
    case Command::seed:
      return seed(configuration);
    case Command::check_config:
      return check(configuration);
    case Command::print_config:
      fmt::print("{}", to_toml(configuration, server_settings()));
      return 0;
    case Command::serve:
      return serve(configuration);
  }
  return k_exit_internal;
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  try {
    const auto line = read_command_line(argc, argv);
    if (!line.configuration) return line.exit_code;
    if (sodium_init() < 0) return fail(k_exit_internal, "libsodium cannot start");
    return run(*line.configuration);
  } catch (const strategies::ConfigurationError& error) {
    return fail(k_exit_usage, error.what());
  } catch (const strategies::Failure& failure) {
    using enum strategies::FailureCode;
    const bool away = failure.code() == database_unavailable || failure.code() == no_space;
    return fail(away ? k_exit_unavailable : k_exit_internal,
                fmt::format("{}: {}", away ? "database" : "internal error", failure.what()));
  } catch (const Unavailable& error) {
    return fail(k_exit_unavailable, error.what());
  } catch (const std::exception& error) {
    return fail(k_exit_internal, error.what());
  }
}

}  // namespace boxoffice::server
