// See web.hpp. nginx takes no port 0: a port is asked of the system and given away, and another one
// where somebody was faster.
#include "harness/reference/web.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

constexpr const char* k_wrk = "/usr/bin/wrk";
constexpr const char* k_taskset = "/usr/bin/taskset";
constexpr const char* k_nginx = "/usr/sbin/nginx";
constexpr int k_attempts = 5;

// One process does what a worker does, and none is left when it is killed.
constexpr const char* k_configuration = R"(
daemon off; master_process off; worker_processes 1;
pid "{0}/pid"; error_log "{0}/error.log";
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000;
  open_file_cache max=16 inactive=1h; types {{}} default_type application/json;
  client_body_temp_path "{0}/t1"; proxy_temp_path "{0}/t2"; fastcgi_temp_path "{0}/t3";
  uwsgi_temp_path "{0}/t4"; scgi_temp_path "{0}/t5";
  server {{ listen 127.0.0.1:{1}; root "{0}"; }}
}}
)";

void expect_installed(const char* program) {
  if (access(program, X_OK) == 0) return;
  throw UsageError(fmt::format("{} is not installed: cmake/setup bench installs it", program));
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      fd >= 0 && bind(fd, any, sizeof address) == 0 && getsockname(fd, any, &length) == 0;
  if (fd >= 0) close(fd);
  if (!bound) throw EnvironmentBroke("cannot find a free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

void run(std::vector<std::string> argv, const std::filesystem::path& output,
         std::chrono::milliseconds bound, const std::string& what) {
  try {
    run_command(
        {.argv = std::move(argv), .output = output, .directory = {}, .user = {}, .environment = {}},
        bound, what);
  } catch (const std::runtime_error& error) {
    throw EnvironmentBroke(error.what());
  }
}

}  // namespace

double run_wrk(const std::string& url, Duration duration, const std::filesystem::path& scratch,
               std::optional<int> processor) {
  expect_installed(k_wrk);
  const auto log = scratch / "wrk.log";
  std::filesystem::remove(log);
  const auto whole_s =
      std::max<long long>(1, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  std::vector<std::string> argv;
  if (processor) argv = {k_taskset, "-c", std::to_string(*processor)};
  argv.insert(argv.end(), {k_wrk, "-t1", "-c64", fmt::format("-d{}s", whole_s), url});
  run(std::move(argv), log, std::chrono::seconds(whole_s + 60), "wrk");
  const std::string said = read_file(log);
  if (said.find("Non-2xx") != std::string::npos || said.find("Socket errors") != std::string::npos)
    throw EnvironmentBroke("wrk met errors at " + url + ": " + said);
  const auto at = said.find("Requests/sec:");
  if (at == std::string::npos) throw EnvironmentBroke("wrk said no rate");
  return std::stod(said.substr(at + 13));
}

std::optional<std::pair<int, int>> two_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (access(k_taskset, X_OK) != 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return std::nullopt;
  std::vector<int> some;
  for (int cpu = 0; cpu < CPU_SETSIZE && some.size() < 2; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) some.push_back(cpu);
  if (some.size() < 2) return std::nullopt;
  return std::pair(some[0], some[1]);
}

void bind_to(pid_t process, int processor, const std::filesystem::path& scratch) {
  run({k_taskset, "-a", "-c", "-p", std::to_string(processor), std::to_string(process)},
      scratch / "taskset.log", 5s, "taskset");
}

Nginx::Nginx(const std::string& body, const std::filesystem::path& scratch) {
  expect_installed(k_nginx);
  const auto directory = scratch / "nginx";
  std::filesystem::create_directories(directory);
  write_file(directory / "event.json", body);
  for (int attempt = 1;; ++attempt) {
    const int port = free_port();
    write_file(directory / "nginx.conf",
               fmt::format(fmt::runtime(k_configuration), directory.string(), port));
    process_ = std::make_unique<Process>(Command{
        .argv = {k_nginx, "-p", directory.string(), "-e", (directory / "error.log").string(), "-c",
                 (directory / "nginx.conf").string()},
        .output = directory / "nginx.log",
        .directory = {},
        .user = {},
        .environment = {}});
    url_ = fmt::format("http://127.0.0.1:{}/event.json", port);
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!process_->wait_for(20ms) && std::chrono::steady_clock::now() < give_up) {
      const auto reply = http_get(url_);
      if (reply && reply->status == 200 && reply->body == body) return;
    }
    if (attempt == k_attempts)
      throw EnvironmentBroke("nginx did not start: " + tail_of(directory / "error.log", 2));
  }
}

}  // namespace boxoffice::harness
