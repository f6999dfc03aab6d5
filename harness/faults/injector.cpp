// See injector.hpp.
#include "harness/faults/injector.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "harness/database/private_database.hpp"
#include "harness/database/small_disk.hpp"
#include "harness/failure.hpp"
#include "harness/load/clock.hpp"
#include "harness/process/process_stat.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

// What a load goes on for after the fault, as a time and as work done.
constexpr std::chrono::nanoseconds k_afterwards = 2s;
constexpr std::uint64_t k_successes_afterwards = 100;
// What only a write can meet is waited for this long: InnoDB's files grow a megabyte at a time,
// which takes a machine with much else to do a while to write. The load goes on as long.
constexpr std::chrono::nanoseconds k_landing_bound = 30s;
constexpr std::chrono::nanoseconds k_landing_step = 20ms;

std::size_t stopped_of(const std::vector<pid_t>& family) {
  std::size_t stopped = 0;
  for (const pid_t pid : family) {
    const auto stat = stat_of(pid);
    stopped += stat && stat->state == 'T';
  }
  return stopped;
}

// Lines of a database's own log. PostgreSQL and the kernel's word: "No space left on device";
// InnoDB's: "The table '...' is full", or the kernel's number.
std::int64_t complaints_of_no_space(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::int64_t count = 0;
  for (std::string line; std::getline(file, line);) {
    count += line.find("No space left on device") != line.npos ||
             (line.find("The table '") != line.npos && line.find("' is full") != line.npos) ||
             line.find("rror number 28") != line.npos;
  }
  return count;
}

}  // namespace

Injector::Injector(const FaultPlan& plan, const Ground& ground)
    : plan_(plan),
      server_(ground.server),
      database_(ground.database),
      proxy_(ground.proxy),
      disk_(ground.disk) {
  fault_.kind = name_of(plan.kind);
  fault_.evidence = "the load ended before it";
}

void Injector::saw(const load::Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    seen_ = progress;
  }
  changed_.notify_all();
}

void Injector::load_ended() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
}

bool Injector::enough(bool load_has_seen_all) {
  const std::lock_guard lock(mutex_);
  if (failed_) return true;
  return load_has_seen_all && healed_ && load::now_ns() > healed_->at_ns + k_afterwards.count() &&
         seen_.outcomes[load::Outcome::success] > healed_->successes + k_successes_afterwards;
}

// True once operations are under way and some have succeeded, and the planned time has passed.
bool Injector::wait_for_load() {
  std::unique_lock lock(mutex_);
  const auto loaded = [&] {
    return over_ || (seen_.in_flight > 0 && seen_.outcomes[load::Outcome::success] > 0);
  };
  changed_.wait(lock, loaded);
  changed_.wait_for(lock, plan_.after, [&] { return over_; });
  changed_.wait(lock, loaded);
  fault_.in_flight = static_cast<std::int64_t>(seen_.in_flight);
  return !over_;
}

properties::Fault Injector::run() {
  if (!wait_for_load()) return fault_;
  fault_.t_ns = load::now_ns();
  try {
    begin_and_heal();
  } catch (const std::runtime_error& error) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    throw EnvironmentBroke(fmt::format("after the fault {}: {}", fault_.kind, error.what()));
  }
  const std::lock_guard lock(mutex_);
  fault_.healed_ns = load::now_ns();
  healed_ = {fault_.healed_ns, seen_.outcomes[load::Outcome::success]};
  return fault_;
}

bool Injector::hold(Duration length) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, length, [&] { return over_; });
}

// Where all is sold out nothing is written until the next holds expire.
void Injector::hold_until(const std::function<bool()>& landed) {
  const auto give_up = std::chrono::steady_clock::now() + plan_.length + k_landing_bound;
  bool loaded = hold(plan_.length);
  while (loaded && !landed() && std::chrono::steady_clock::now() < give_up)
    loaded = hold(k_landing_step);
}

void Injector::pause(pid_t pid) {
  const std::vector<pid_t> family = family_of(pid);
  for (const pid_t each : family) ::kill(each, SIGSTOP);
  hold(plan_.length);
  const std::size_t stopped = stopped_of(family);
  for (const pid_t each : family) ::kill(each, SIGCONT);
  fault_.landed = stopped > 0 && stat_of(pid).has_value();
  fault_.evidence = fmt::format("{} of {} processes stood still", stopped, family.size());
}

// A server that ended before we ended it crashed, and its successor must not hide that.
void Injector::replace_server(const Environment& environment) {
  const ExitCode code = server_.process().end(SIGKILL, 5s);
  server_.restart(environment);
  if (code != 128 + SIGKILL)
    throw EnvironmentBroke(fmt::format("the server ended by itself (exit {})", code));
}

void Injector::skew_clock() {
  replace_server({{"LD_PRELOAD", faketime_library()},
                  {"FAKETIME", "+1h"},
                  {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  const auto reply = http_get(server_.target() + "/livez");
  const std::time_t ahead = reply && reply->date > 0 ? reply->date - std::time(nullptr) : 0;
  hold(plan_.length);
  replace_server({});
  fault_.landed = ahead > 3'000;
  fault_.evidence = fmt::format("the server's Date was {} s ahead", ahead);
}

void Injector::lose_commits() {
  const Wire wire = database_->product() == "postgresql" ? Wire::postgresql : Wire::mysql;
  proxy_->lose_commits(true, wire);
  hold_until([this] { return proxy_->commits_lost() > 0; });
  proxy_->lose_commits(false, wire);
  fault_.landed = proxy_->commits_lost() > 0;
  fault_.evidence =
      fmt::format("{} commits were done and their answers lost", proxy_->commits_lost());
}

// A server that cannot write its log ends itself, as it should; it is then started again once there
// is space, as an operator would.
void Injector::fill_disk() {
  const std::int64_t before = complaints_of_no_space(database_->log());
  disk_->set_full(true);
  hold_until([&] { return complaints_of_no_space(database_->log()) > before; });
  disk_->set_full(false);
  const std::int64_t complaints = complaints_of_no_space(database_->log()) - before;
  fault_.database_ended = !database_->server().running();
  if (fault_.database_ended) database_->restart();
  fault_.landed = complaints > 0;
  fault_.evidence =
      fmt::format("the database said {} times that no space is left{}", complaints,
                  fault_.database_ended ? ", and ended; it recovered from its log" : "");
}

void Injector::begin_and_heal() {
  const std::int64_t before = proxy_ ? proxy_->bytes_held_back() : 0;
  switch (plan_.kind) {
    case FaultKind::kill_server: {
      const ExitCode code = server_.process().end(SIGKILL, 5s);
      fault_.landed = code == 128 + SIGKILL;
      fault_.evidence = fmt::format("the server ended with {}, another took its port", code);
      return server_.restart({});
    }
    case FaultKind::pause_server:
      return pause(server_.process().pid());
    case FaultKind::kill_database: {
      database_->kill();
      fault_.landed = fault_.database_ended = !database_->server().running();
      fault_.evidence = "the database's process was gone; it recovered from its log";
      hold(plan_.length);
      return database_->restart();
    }
    case FaultKind::pause_database:
      return pause(database_->server().pid());
    case FaultKind::partition:
      proxy_->partition(true);
      hold(plan_.length);
      proxy_->partition(false);
      break;
    case FaultKind::delay:
      proxy_->delay(30ms);
      hold(plan_.length);
      proxy_->delay(0ms);
      break;
    case FaultKind::connection_reset: {
      const std::int64_t reset = proxy_->reset_all();
      fault_.landed = reset > 0;
      fault_.evidence = fmt::format("{} connections to the database were reset", reset);
      return;
    }
    case FaultKind::lost_commit:
      return lose_commits();
    case FaultKind::clock_skew:
      return skew_clock();
    case FaultKind::disk_full:
      return fill_disk();
  }
  const std::int64_t held = proxy_->bytes_held_back() - before;
  fault_.landed = held > 0;
  fault_.evidence = fmt::format("{} bytes to or from the database had to wait", held);
}

}  // namespace boxoffice::harness
