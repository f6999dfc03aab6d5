// boxoffice db start|show|stop: private, throwaway databases to try things with.
//
// A database lives as long as its `start` runs. Each says in a directory of its own who it is, so
// that show and stop find it; that directory is the last that goes, whatever its end was
// (keeper.hpp). It is signed: where harness and keeper were both killed it stays, and its process's
// number may be another's by now, who must not be stopped.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/process/keeper.hpp"
#include "harness/process/signature.hpp"

namespace boxoffice::harness {

namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds k_stop_bound{30};  // more than the server's own (10 s)
constexpr std::chrono::milliseconds k_look_step{250};

struct Running {
  fs::path directory;  // goes after the database
  pid_t pid = 0;
  std::string url;
  std::string version;
};

void announce(const fs::path& directory, TestDatabase& database) {
  std::ofstream(directory / "running") << database.url() << "\n" << database.version() << "\n";
}

std::vector<Running> all_running() {
  std::vector<Running> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(temporary_root(), ignored)) {
    if (!entry.path().filename().string().starts_with("boxoffice-db-")) continue;
    const auto owner = living_owner(entry.path());
    if (!owner) continue;
    Running running{entry.path(), *owner, {}, {}};
    std::ifstream file(entry.path() / "running");
    std::getline(file, running.url);
    if (std::getline(file, running.version)) found.push_back(running);
  }
  return found;
}

int start(const DatabaseChoice& choice, const Context& context) {
  remove_leftovers(temporary_root(), "db");
  const TemporaryDirectory directory(temporary_root(), "db");  // outlives the database
  sign(directory.path());
  TestDatabase database(choice);
  announce(directory.path(), database);
  fmt::print("{}\n", database.url());
  std::fflush(stdout);
  fmt::print(stderr, "{} runs until Ctrl-C or 'boxoffice db stop {}'; then it is gone\n",
             database.version(), getpid());
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any condition;
  while (!context.stop.stop_requested()) {
    condition.wait_for(lock, context.stop, k_look_step, [] { return false; });
    PrivateDatabase* const server = database.private_server();
    if (server && !server->server().running())
      throw EnvironmentBroke(fmt::format("{} ended by itself", database.version()));
  }
  return k_exit_pass;
}

int show() {
  const auto running = all_running();
  if (running.empty()) fmt::print(stderr, "no private database runs here\n");
  for (const Running& each : running) fmt::print("{}\t{}\t{}\n", each.pid, each.version, each.url);
  return k_exit_pass;
}

void stop_one(const Running& running) {
  if (kill(running.pid, SIGTERM) != 0) {
    throw UsageError(fmt::format("cannot stop {}: {}", running.pid, std::strerror(errno)));
  }
  const auto give_up = std::chrono::steady_clock::now() + k_stop_bound;
  while (fs::exists(running.directory)) {
    if (std::chrono::steady_clock::now() > give_up)
      throw EnvironmentBroke(
          fmt::format("{} did not stop in {} s", running.pid, k_stop_bound.count()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  fmt::print("stopped {}: {}\n", running.pid, running.version);
}

int stop(std::int64_t wanted) {
  const auto running = all_running();
  if (wanted == 0 && running.size() > 1) {
    throw UsageError(
        fmt::format("{} private databases run here: name one by its number ('boxoffice db show')",
                    running.size()));
  }
  for (const Running& each : running) {
    if (wanted != 0 && each.pid != wanted) continue;
    stop_one(each);
    return k_exit_pass;
  }
  throw UsageError(wanted == 0 ? "no private database runs here"
                               : fmt::format("no private database has the number {}", wanted));
}

}  // namespace

void add_database(CLI::App& app, Work& work) {
  CLI::App* command = app.add_subcommand("db", "private, throwaway databases to try things with");
  command->require_subcommand(1);

  auto choice = std::make_shared<DatabaseChoice>();
  CLI::App* starting =
      command->add_subcommand("start", "start one, print its URL, remove it at Ctrl-C");
  add_database_options(*starting, *choice);
  starting->callback([&work, choice] {
    work = [choice](const Context& context) { return start(*choice, context); };
  });

  CLI::App* showing = command->add_subcommand("show", "those that run: number, version, URL");
  showing->callback([&work] { work = [](const Context&) { return show(); }; });

  auto wanted = std::make_shared<std::int64_t>(0);
  CLI::App* stopping = command->add_subcommand("stop", "end one and remove its data");
  stopping->add_option("number", *wanted, "of the database (db show); needed where several run");
  stopping->callback(
      [&work, wanted] { work = [wanted](const Context&) { return stop(*wanted); }; });
}

}  // namespace boxoffice::harness
