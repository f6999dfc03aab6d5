// The program `boxoffice`: parses the command line, runs the command, and is the one place where
// what went wrong becomes one line and an exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boxoffice_version.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/database/sql.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "properties/memory.hpp"

namespace {

using namespace boxoffice::harness;

int complain(const std::string& what, int code) {
  std::string line = what;
  std::replace(line.begin(), line.end(), '\n', ' ');
  fmt::print(stderr, "boxoffice: {}\n", line);
  return code;
}

// CLI11 only says that a command is missing.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  return std::ranges::any_of(commands, named) ? "" : argv[1];
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\"[");
  return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(" \t\"]") - begin + 1);
}

// CLI11 speaks of INI, and names neither file nor line.
std::string unknown_key(const CLI::App& app, const std::string& complaint) {
  const std::string known_words = "INI was not able to parse ";
  if (!complaint.starts_with(known_words)) return complaint;
  const std::string key = complaint.substr(known_words.size());
  const auto file = app.get_option("--config")->as<std::string>();
  std::ifstream lines(file);
  std::string table;
  int number = 1;
  for (std::string line; std::getline(lines, line); ++number) {
    if (trimmed(line).empty()) continue;
    if (line.find_first_not_of(" \t") == line.find('[')) {
      table = trimmed(line) + ".";
    } else if (table + trimmed(line.substr(0, line.find('='))) == key) {
      return fmt::format("{}: line {}: unknown key '{}'", file, number, key);
    }
  }
  return fmt::format("{}: unknown key '{}'", file, key);
}

// CLI11 says "--faults: 1 required  missing" and "--time: At Most 1 required but received 2".
std::string told_of_values(const std::string& what) {
  const std::string flag = what.substr(0, what.find(':'));
  const bool twice = what.find("At Most") != std::string::npos;
  return flag + (twice ? " is there more than once" : " needs a value") +
         " (--help lists all flags)";
}

// Who reads what is printed may go away (`| head`): the verdict's code does not depend on them.
ssize_t write_while_read(void* stream, const char* bytes, std::size_t size) {
  const int descriptor = static_cast<int>(reinterpret_cast<std::intptr_t>(stream));
  for (std::size_t done = 0; done < size;) {
    const ssize_t written = ::write(descriptor, bytes + done, size - done);
    if (written < 0 && errno == EPIPE) break;
    if (written < 0 && errno != EINTR) return 0;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  return static_cast<ssize_t>(size);
}

void outlive_readers(std::FILE*& stream, int descriptor, int buffering) {
  void* const cookie = reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor));
  std::FILE* const outliving =
      ::fopencookie(cookie, "w", {nullptr, write_while_read, nullptr, nullptr});
  if (!outliving) return;
  std::setvbuf(outliving, nullptr, buffering, BUFSIZ);
  stream = outliving;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Loads a ticket-reservation server, proves that nothing was oversold, and measures what it "
      "costs.",
      "boxoffice");
  app.set_version_flag("--version", fmt::format("boxoffice {} ({}, {})", boxoffice::k_version,
                                                boxoffice::k_git_commit, boxoffice::k_build_type));
  app.allow_config_extras(CLI::config_extras_mode::error);  // a typo is no default
  app.set_config("--config", "", "TOML file with a table a command, its keys named like the flags");
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 pass, 10 an invariant was violated, 11 unknown, 12 the run is invalid, 13 a "
      "threshold\n"
      "failed, 64 usage, 70 a bug of this program, 130 interrupted.");
  Work work;
  add_compare(app, work);
  add_verify(app, work);
  add_load(app, work);
  add_merge(app, work);
  add_analyze(app, work);
  add_report(app, work);
  add_database(app, work);
  add_selftest(app, work);
  add_diff(app, work);
  add_search(app, work);
  add_floor(app, work);
  add_floor_server(app, work);
  add_floor_idle(app, work);
  add_overload(app, work);
  if (const std::string wrong = unknown_command(app, argc, argv); !wrong.empty()) {
    return complain("there is no command '" + wrong + "' (--help lists all)", k_exit_usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ConfigError& error) {
    return complain(unknown_key(app, error.what()), k_exit_usage);
  } catch (const CLI::ArgumentMismatch& error) {
    return complain(told_of_values(error.what()), k_exit_usage);
  } catch (const CLI::ParseError& error) {
    return complain(std::string(error.what()) + " (--help lists all flags)", k_exit_usage);
  }
  const std::vector<std::string> words(argv, argv + argc);
  return work(
      {watch_interrupts(), words, given_by_environment(*app.get_subcommands().front(), words)});
}

}  // namespace

int main(int argc, char** argv) {
  boxoffice::properties::keep_freed_memory();
  outlive_readers(stdout, STDOUT_FILENO, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
  outlive_readers(stderr, STDERR_FILENO, _IONBF);
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    return complain(error.what(), k_exit_usage);
  } catch (const EnvironmentBroke& error) {
    return complain(error.what(), k_exit_invalid);
  } catch (const SqlError& error) {
    return complain(fmt::format("the database failed: {}", error.what()), k_exit_invalid);
  } catch (const std::filesystem::filesystem_error& error) {
    return complain(fmt::format("{}: {}", error.path1().string(), error.code().message()),
                    k_exit_invalid);  // a full disk, say
  } catch (const Interrupted&) {
    return complain("interrupted", k_exit_interrupted);
  } catch (const std::exception& error) {
    return complain(std::string("a bug of this program, please report it: ") + error.what(),
                    k_exit_internal);
  }
}
