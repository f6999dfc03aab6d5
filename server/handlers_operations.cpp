// What operators and their probes ask: alive, ready, which version, figures, and a sweep now.
#include <utility>
#include <vector>

#include "server/dashboard.hpp"
#include "server/handlers.hpp"
#include "server/json_writer.hpp"
#include "server/service.hpp"
#include "server/sweeper.hpp"

namespace boxoffice::server {

// openapi.json, embedded.
extern const std::vector<std::pair<std::string_view, std::string_view>> k_openapi;

}  // namespace boxoffice::server

namespace boxoffice::server::handlers {
namespace {

void sweep_now(Call& call, strategies::Connection& connection) {
  const auto released = call.service().sweeper.pass(connection);
  if (!released) return call.fail(ProblemCode::sweep_running);
  call.succeed(200);
  JsonWriter json(call.reply.body);
  json.begin_object();
  json.field("released", *released);
  json.end_object();
}

}  // namespace

void sweep(Call& call) {
  if (const auto invalid = read_empty_body(call.request)) return call.fail(*invalid);
  call.work_on_sweeper(&sweep_now);
}

void livez(Call& call) {
  call.succeed(200);
  call.reply.body = R"({"status":"alive"})";
}

void readyz(Call& call) {
  const auto& service = call.service();
  if (service.draining) {
    return call.fail(ProblemCode::not_ready, {.detail = "The server is shutting down."});
  }
  if (!service.health.well()) {
    return call.fail(ProblemCode::not_ready, {.detail = "The database is away."});
  }
  call.succeed(200);
  call.reply.body = R"({"status":"ready"})";
}

void openapi(Call& call) {
  call.succeed(200);
  call.reply.body = k_openapi.front().second;
}

void version(Call& call) {
  call.succeed(200);
  call.reply.body = call.service().version;
}

void metrics(Call& call) {
  call.succeed(200);
  call.reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  call.reply.body = call.service().metrics();
}

void dashboard(Call& call) {
  const auto& page = dashboard_page();
  call.succeed(200);
  call.reply.content_type = "text/html; charset=utf-8";
  call.reply.header("Content-Security-Policy", page.policy);
  call.reply.header("Referrer-Policy", "no-referrer");
  call.reply.header("Cache-Control", "no-cache");
  call.reply.body = page.html;
}

void dashboard_figures(Call& call) {
  call.succeed(200);
  call.reply.header("Cache-Control", "no-store");
  call.reply.body = call.service().dashboard();
}

}  // namespace boxoffice::server::handlers
