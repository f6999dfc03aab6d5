// Tools that know nothing of tickets, for the server's own speed: nginx as what a web server can do
// on this machine, wrk as a client, and processors to keep the two apart.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/process/process.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

/// Requests a second that wrk makes of a URL: one thread, 64 connections, whole seconds. Throws
/// UsageError where it is not installed, EnvironmentBroke where it fails or a reply is no success.
/// `processor`: where it runs; nothing: anywhere.
double run_wrk(const std::string& url, Duration duration, const std::filesystem::path& scratch,
               std::optional<int> processor = {});

/// Two processors that this process may use, one for a server and one for its client; nothing where
/// it has but one, or taskset is not there to bind with.
std::optional<std::pair<int, int>> two_processors();
/// Binds every thread of a running process to a processor. Throws EnvironmentBroke.
void bind_to(pid_t process, int processor, const std::filesystem::path& scratch);

/// nginx, serving one file from memory on a port of 127.0.0.1: a process of ours, with a
/// configuration of ours that does for that file what nginx can do.
class Nginx {
 public:
  /// Throws UsageError where it is not installed, EnvironmentBroke where it does not start.
  Nginx(const std::string& body, const std::filesystem::path& scratch);
  const std::string& url() const { return url_; }  ///< of the file
  pid_t pid() const { return process_->pid(); }

 private:
  std::unique_ptr<Process> process_;
  std::string url_;
};

}  // namespace boxoffice::harness
