// See instances.hpp.
#include "harness/instances.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

// Of a server besides its pool: those of tokens, sweep and health (five), of passwords (two).
constexpr std::int64_t k_own_connections = 7;
// Of the harness: it watches, resets and audits; and what a database keeps for administrators.
constexpr std::int64_t k_spare_connections = 10;

}  // namespace

std::string on_instances(std::int64_t count) {
  return count == 1 ? "" : fmt::format(" on {} instances", count);
}

void expect_room(TestDatabase& database, std::int64_t pool, std::int64_t instances) {
  if (instances == 1) return;  // the server says it better, of what is free just then
  const auto settings = database.settings();
  const auto most = std::ranges::find(settings, "max_connections",
                                      [](const auto& setting) { return setting.first; });
  if (most == settings.end()) return;
  const std::int64_t wanted = instances * (pool + k_own_connections) + k_spare_connections;
  if (wanted <= parse_count(most->second)) return;
  throw UsageError(
      fmt::format("--instances: {} servers with a pool of {} take up to {} connections, and the "
                  "database's max_connections is {}: a smaller --pool",
                  instances, pool, wanted, most->second));
}

Instances::Instances(const ServerOptions& options, std::int64_t count,
                     const std::filesystem::path& directory) {
  ServerOptions each = options;
  for (each.instance = 1; each.instance <= count; ++each.instance)
    servers_.push_back(std::make_unique<ServerProcess>(each, directory));
}

std::vector<std::string> Instances::targets() const {
  std::vector<std::string> targets;
  for (const auto& server : servers_) targets.push_back(server->target());
  return targets;
}

std::string Instances::named(std::size_t i) const {
  return servers_.size() == 1 ? "the server" : fmt::format("server {}", i + 1);
}

bool Instances::any_ended() {
  return std::ranges::any_of(servers_,
                             [](const auto& server) { return !server->process().running(); });
}

std::string Instances::stop() {
  std::string wrong;
  const auto note = [&wrong](const std::string& what) {
    wrong += (wrong.empty() ? "" : "; ") + what;
  };
  std::vector<bool> ended;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Process& process = servers_[i]->process();
    const auto code = process.wait_for(0ms);
    ended.push_back(code.has_value());
    if (code) {
      note(fmt::format("{} ended by itself (exit {})", named(i), *code));
    } else {
      process.signal(SIGTERM);  // a second one would not let it drain
    }
  }
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (ended[i]) continue;
    Process& process = servers_[i]->process();
    auto code = process.wait_for(10s);
    if (!code) code = process.end(SIGKILL, 5s);
    if (*code != 0) note(fmt::format("{} did not drain (exit {})", named(i), *code));
  }
  return wrong;
}

}  // namespace boxoffice::harness
