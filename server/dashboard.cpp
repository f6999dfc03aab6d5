// See dashboard.hpp. The texts of server/dashboard/ are embedded; the page holds the places where
// the other two belong.
#include "server/dashboard.hpp"

#include <sodium.h>

#include <boxoffice_version.hpp>
#include <stdexcept>
#include <utility>

#include "server/health.hpp"
#include "server/json_writer.hpp"

namespace boxoffice::server {

extern const std::vector<std::pair<std::string_view, std::string_view>> k_dashboard;

namespace {

constexpr std::size_t k_events_shown = 8;

/// Tells the page of a restart: counts begin again.
const auto k_started = std::chrono::system_clock::now();

std::int64_t since_epoch_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string_view text_of(std::string_view file) {
  for (const auto& [name, text] : k_dashboard) {
    if (name == file) return text;
  }
  throw std::logic_error("no such part of the dashboard: " + std::string(file));
}

/// As a source of the policy: 'sha256-...'.
std::string hash_of(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char,
             sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)>
      base64{};
  sodium_bin2base64(base64.data(), base64.size(), hash.data(), hash.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return std::string("'sha256-") + base64.data() + "'";
}

void put(std::string& page, std::string_view place, std::string_view text) {
  page.replace(page.find(place), place.size(), text);
}

DashboardPage compose_page() {
  const auto style = text_of("style.css"), script = text_of("script.js");
  DashboardPage page{std::string(text_of("page.html")),
                     "default-src 'none'; script-src " + hash_of(script) + "; style-src " +
                         hash_of(style) +
                         "; connect-src 'self'; img-src data:; base-uri 'none'; form-action "
                         "'none'; frame-ancestors 'none'"};
  put(page.html, "{{style}}", style);
  put(page.html, "{{script}}", script);
  return page;
}

std::int64_t sum(const LatencyHistogram::Buckets& buckets) {
  std::int64_t count = 0;
  for (const auto each : buckets) count += each;
  return count;
}

void write_buckets(JsonWriter& json, std::string_view name,
                   const LatencyHistogram::Buckets& buckets) {
  json.begin_array(name);
  for (const auto count : buckets) json.value(count);
  json.end_array();
}

void write_identity_of_server(JsonWriter& json, const MetricSources& from, bool draining) {
  json.field("time_ms", since_epoch_ms(std::chrono::system_clock::now()));
  json.field("start_time_ms", since_epoch_ms(k_started));
  json.field("version", k_version);
  json.field("strategy", from.strategy.name());
  json.field("database", from.database.product);
  json.field("database_version", from.database.text);
  json.flag("ready", !draining && from.health.well());
  json.flag("draining", draining);
  json.flag("database_up", from.health.well());
}

/// Those of the API: a dashboard that counted its own requests would never show a quiet server.
void write_requests(JsonWriter& json, const RequestCounts& from) {
  std::int64_t requests = 0;
  LatencyHistogram::Buckets reserve{};
  std::array<std::int64_t, k_attempt_outcomes.size()> attempts{from.holds_made().value()};
  attempts[1] = from.attempts().back().value() - attempts[0];
  for (std::size_t i = 0; i < routes().size(); ++i) {
    if (routes()[i].scope != Scope::api) continue;
    const auto buckets = from.routes()[i].latency.buckets();
    requests += sum(buckets);
    if (routes()[i].pattern != "/api/events/{id}/reserve") continue;
    reserve = buckets;
  }
  json.field("requests", requests);
  json.begin_array("bucket_bounds_us");
  for (const double bound : LatencyHistogram::k_bounds_s) {
    json.value(static_cast<std::int64_t>(bound * 1e6 + 0.5));
  }
  json.end_array();
  write_buckets(json, "reserve_buckets", reserve);
  for (const auto& kind : problem_kinds()) {
    attempts[static_cast<std::size_t>(outcome_of(kind.id))] +=
        from.attempts()[static_cast<std::size_t>(kind.id)].value();
  }
  json.begin_object("attempts");
  for (std::size_t i = 0; i < attempts.size(); ++i) json.field(k_attempt_outcomes[i], attempts[i]);
  json.end_object();
}

void write_pool(JsonWriter& json, const Executor& from) {
  const auto state = from.state();
  json.begin_object("pool");
  json.field("size", from.limits().threads);
  json.field("in_use", state.running);
  json.field("waiting", state.ready);
  json.field("queue", state.waiting);
  json.field("queue_limit", from.limits().queue);
  write_buckets(json, "wait_buckets", from.pool_wait().buckets());
  json.end_object();
}

void write_sweep_and_identity(JsonWriter& json, const Sweeper& from) {
  const auto last = from.counts().last_success.load().time_since_epoch().count();
  json.begin_object("sweep");
  json.key("last_success_s");
  if (last == 0) {
    json.null();
  } else {
    json.value(std::int64_t{last});
  }
  json.end_object();
  json.begin_object("identity");
  json.field("broken_events", from.identity().broken());
  json.field("checked_events", from.identity().events_checked().value());
  json.end_object();
}

void write_event(JsonWriter& json, const HotEvents::Entry& from) {
  json.begin_object();
  json.field("id", from.event.id.value);
  json.field("available_tickets", from.event.available_tickets);
  json.field("most_available_tickets", from.most_available);
  json.key("total_tickets");
  if (from.total_tickets) {
    json.value(*from.total_tickets);
  } else {
    json.null();
  }
  for (std::size_t i = 0; i < from.by_outcome.size(); ++i) {
    json.field(k_attempt_outcomes[i], from.by_outcome[i]);
  }
  json.end_object();
}

}  // namespace

const DashboardPage& dashboard_page() {
  static const DashboardPage page = compose_page();
  return page;
}

std::string dashboard_figures(const MetricSources& from, HotEvents& hot_events, bool draining) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_identity_of_server(json, from, draining);
  write_requests(json, from.requests);
  write_pool(json, from.executor);
  if (from.connections) json.field("connections", from.connections().open);
  write_sweep_and_identity(json, from.sweeper);
  json.begin_array("events");
  for (const auto& event : hot_events.hottest(k_events_shown, HotEvents::Clock::now())) {
    write_event(json, event);
  }
  json.end_array();
  json.end_object();
  return text;
}

}  // namespace boxoffice::server
