// boxoffice db start: a private, throwaway database for as long as the command runs.
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

void add_database(CLI::App& app, Work& work) {
  auto choice = std::make_shared<DatabaseChoice>();
  CLI::App* command = app.add_subcommand("db", "a private, throwaway database to try things with");
  command->require_subcommand(1);
  CLI::App* start =
      command->add_subcommand("start", "start it, print its URL, remove it at Ctrl-C");
  add_database_options(*start, *choice);
  start->callback([&work, choice] {
    work = [choice](const Context& context) {
      TestDatabase database(*choice);
      fmt::print("{}\n", database.url());
      std::fflush(stdout);
      fmt::print(stderr, "{} runs until Ctrl-C; then it is gone\n", database.version());
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait(lock, context.stop, [] { return false; });
      return k_exit_pass;
    };
  });
}

}  // namespace boxoffice::harness
