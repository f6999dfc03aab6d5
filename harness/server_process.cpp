// See server_process.hpp.
#include "harness/server_process.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>

#include <fstream>
#include <memory>
#include <thread>

#include "harness/failure.hpp"
#include "harness/programs.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

Command command_of(const ServerOptions& options, const std::filesystem::path& log,
                   const std::filesystem::path& port_file, int port) {
  const std::string concurrency =
      options.event_concurrency == 0 ? "unlimited" : std::to_string(options.event_concurrency);
  return {.argv = {server_program(options.broken).string(),
                   "--database",
                   options.database_url,
                   "--strategy",
                   options.strategy,
                   "--host",
                   "127.0.0.1",
                   "--port",
                   std::to_string(port),
                   "--port-file",
                   port_file.string(),
                   "--event-concurrency",
                   concurrency,
                   "--pool",
                   std::to_string(options.pool),
                   "--connections",
                   std::to_string(options.connections_max),
                   "--drain",
                   "3s",
                   "--grace",
                   "0s",
                   "--hold",
                   fmt::format("{}us", options.hold.count() / 1000),
                   "--sweep-interval",
                   fmt::format("{}us", options.sweep_interval.count() / 1000),
                   "--log-level",
                   options.log_level,
                   "--rate-limit-user",
                   "0",
                   "--rate-limit-address",
                   "0",
                   "--token-use-interval",
                   "0",
                   "--event-cache",  // said, whatever the environment says
                   fmt::format("{}us", options.event_cache.count() / 1000),
                   "--replica-database",
                   "none",
                   "--exit-with-parent"},
          .output = log,
          .directory = {},
          .user = {},
          .environment = {}};
}

/// Every request waits for its turn, up to a time that a client waits, too.
void refuse_nobody(Command& command, const ServerOptions& options) {
  const std::chrono::milliseconds deadline = options.patience - 1s;
  command.argv.insert(command.argv.end(),
                      {"--queue", std::to_string(options.connections_max * 2), "--queue-wait", "0s",
                       "--deadline", fmt::format("{}ms", deadline.count())});
}

/// What libfaketime shares between the threads of a process; one that is killed leaves it behind.
void remove_shared_clock(pid_t pid) {
  ::shm_unlink(fmt::format("/faketime_shm_{}", pid).c_str());
  ::sem_unlink(fmt::format("/faketime_sem_{}", pid).c_str());
}

}  // namespace

ServerProcess::ServerProcess(const ServerOptions& options, const std::filesystem::path& directory)
    : options_(options) {
  const std::string suffix = options.instance == 1 ? "" : fmt::format("-{}", options.instance);
  log_ = directory / ("server" + suffix + ".log");
  port_file_ = directory / ("port" + suffix);
  start({});
}

void ServerProcess::start(const std::vector<std::pair<std::string, std::string>>& environment) {
  Command command = command_of(options_, log_, port_file_, port_);
  if (!options_.refuses_as_shipped) refuse_nobody(command, options_);
  const bool tls = !options_.tls_certificate.empty();
  if (tls) {
    command.argv.insert(command.argv.end(), {"--tls-certificate", options_.tls_certificate.string(),
                                             "--tls-key", options_.tls_key.string()});
  }
  command.environment = environment;
  process_ = std::make_unique<Process>(command);
  const auto give_up = std::chrono::steady_clock::now() + 15s;
  for (;;) {
    int port = 0;
    if (std::ifstream(port_file_) >> port && port > 0) {
      port_ = port;
      target_ = fmt::format("{}://127.0.0.1:{}", tls ? "https" : "http", port);
      std::filesystem::remove(port_file_);
      return;
    }
    const auto ended = process_->wait_for(3ms);
    if (ended || std::chrono::steady_clock::now() > give_up) {
      const std::string why = ended ? fmt::format("exit {}", *ended) : "15 s passed";
      const std::string which =
          options_.instance == 1 ? "" : fmt::format(", instance {},", options_.instance);
      throw EnvironmentBroke(fmt::format("the server with strategy '{}'{} did not start ({}): {}",
                                         options_.strategy, which, why, tail_of(log_, 2)));
    }
  }
}

void ServerProcess::restart(const std::vector<std::pair<std::string, std::string>>& environment) {
  process_->end(SIGKILL, 5s);
  remove_shared_clock(process_->pid());
  start(environment);
}

std::string faketime_library() {
  for (const auto& folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    const auto library = std::filesystem::path(folder) / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(library)) return library.string();
  }
  return "";
}

ExitCode ServerProcess::stop() {
  return process_->end(SIGTERM, 10s);
}

std::optional<HttpReply> http_get(const std::string& url) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  HttpReply reply;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, 2000L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(
      curl.get(), CURLOPT_WRITEFUNCTION,
      +[](char* data, std::size_t size, std::size_t count, void* body) -> std::size_t {
        static_cast<std::string*>(body)->append(data, size * count);
        return size * count;
      });
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &reply.date);
  curl_easy_setopt(
      curl.get(), CURLOPT_HEADERFUNCTION,
      +[](char* data, std::size_t size, std::size_t count, void* date) -> std::size_t {
        const std::string line(data, size * count);
        if (line.starts_with("Date: "))
          *static_cast<std::time_t*>(date) = curl_getdate(line.c_str() + 6, nullptr);
        return size * count;
      });
  if (curl_easy_perform(curl.get()) != CURLE_OK) return std::nullopt;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  return reply;
}

}  // namespace boxoffice::harness
