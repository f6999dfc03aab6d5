// A server under test: boxoffice-server as our child, with the strategy of one trial.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "harness/process/process.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

struct ServerOptions {
  std::string database_url;
  std::string strategy;
  bool broken = false;                 ///< a negative control: boxoffice-server-broken
  std::int64_t event_concurrency = 0;  ///< 0: unlimited
  std::int64_t pool = 16;
  std::int64_t connections_max = 20'000;
  Duration hold{};
  Duration sweep_interval{};
  std::string log_level = "warn";
  /// Whom it refuses and when is as a user gets it; else nobody that the generator can send is
  /// refused for a long line.
  bool refuses_as_shipped = false;
  /// So long a client waits for a reply; what was not begun a second before gets 503.
  std::chrono::milliseconds patience{10'000};
  Duration event_cache{};  ///< off where replies are judged: what is cached is of the past
  std::filesystem::path tls_certificate{}, tls_key{};  ///< empty: plain HTTP
  std::int64_t instance = 1;  ///< of several in one directory: tells their logs apart
};

class ServerProcess {
 public:
  /// Starts it and waits until it listens; its log is server.log in `directory`, of the second
  /// instance server-2.log. Throws EnvironmentBroke with its own last words where it
  /// does not.
  ServerProcess(const ServerOptions& options, const std::filesystem::path& directory);

  const std::string& target() const { return target_; }  ///< http(s)://127.0.0.1:PORT
  Process& process() { return *process_; }
  /// Ends it with SIGKILL where it still runs, and starts it again on the same port, with these
  /// variables in its environment. Throws EnvironmentBroke where it does not start.
  void restart(const std::vector<std::pair<std::string, std::string>>& environment);
  /// SIGTERM, then its exit code; k_exit 137 where it had to be killed.
  ExitCode stop();

 private:
  void start(const std::vector<std::pair<std::string, std::string>>& environment);

  ServerOptions options_;
  std::filesystem::path log_, port_file_;
  int port_ = 0;  // 0: not yet chosen
  std::unique_ptr<Process> process_;
  std::string target_;
};

/// The library that shifts the clock of a process, for LD_PRELOAD; empty: not installed (package
/// faketime).
std::string faketime_library();

/// GET of a URL: status and body; nothing where no reply came within two seconds.
struct HttpReply {
  long status = 0;
  std::time_t date = 0;  ///< the reply's Date; 0 where it has none
  std::string body;
};
std::optional<HttpReply> http_get(const std::string& url);

}  // namespace boxoffice::harness
