// A function for each part of the server, in the order of a request's way through them. Series that
// alerts compute rates of are there from the start, at zero: a counter that first appears as 1 has
// no increase. Only statuses that never occurred are left out, for nearly all of them never will.
#include "server/exposition.hpp"

#include <boxoffice_version.hpp>
#include <limits>

#include "server/event_cache.hpp"
#include "server/health.hpp"
#include "server/lock_watch.hpp"
#include "server/metric_families.hpp"
#include "server/replica.hpp"

namespace boxoffice::server {
namespace {

void write_build(MetricFamilies& to, const MetricSources& from) {
  to.gauges("boxoffice_build_info", "What runs here; always 1.");
  to.value({{"version", k_version},
            {"git_commit", k_git_commit},
            {"build_type", k_build_type},
            {"database", from.database.product},
            {"database_version", from.database.text}},
           std::int64_t{1});
}

/// "GET", where the route answers HEAD too.
std::string_view label_of(Method method) {
  const auto name = name_of(method);
  return name.substr(0, name.find(','));
}

template <class Write>
void for_each_route(const RequestCounts& requests, const Write& write) {
  for (std::size_t i = 0; i < routes().size(); ++i) {
    write(label_of(routes()[i].method), routes()[i].pattern, requests.routes()[i]);
  }
  write("any", "none", requests.routes().back());
}

void write_requests(MetricFamilies& to, const RequestCounts& from) {
  to.counters("boxoffice_http_requests_total", "Replies by route and status.");
  for_each_route(from, [&](std::string_view method, std::string_view route, const auto& row) {
    for (std::size_t status = 0; status < row.by_status.size(); ++status) {
      if (row.by_status[status].value() == 0) continue;
      const auto text = std::to_string(status);
      to.value({{"method", method}, {"route", route}, {"status", text}}, row.by_status[status]);
    }
  });
  to.histograms("boxoffice_http_request_duration_seconds",
                "From the request's last byte to its reply, before that is sent.");
  for_each_route(from, [&](std::string_view method, std::string_view route, const auto& row) {
    to.value({{"method", method}, {"route", route}}, row.latency);
  });
  to.counters("boxoffice_problems_total", "Replies that are problems, by their code.");
  for (const auto& kind : problem_kinds()) {
    to.value({{"code", kind.code}}, from.problems()[static_cast<std::size_t>(kind.id)]);
  }
  to.counters("boxoffice_reservation_attempts_total", "Well-formed reserve requests by outcome.");
  to.value({{"outcome", "success"}}, from.attempts().back());
  to.value({{"outcome", "replayed"}}, from.replays());
  for (const auto& kind : problem_kinds()) {
    to.value({{"outcome", kind.code}}, from.attempts()[static_cast<std::size_t>(kind.id)]);
  }
}

void write_reserve_times(MetricFamilies& to, const ReserveTimes& from) {
  to.histograms(
      "boxoffice_reserve_time_seconds",
      "Where the time of reserves that made a hold (and swept nothing first) went; the parts "
      "add up.");
  for (std::size_t i = 0; i < from.parts().size(); ++i) {
    to.value({{"part", ReserveTimes::k_parts[i]}}, from.parts()[i]);
  }
}

void write_reserve_traffic(MetricFamilies& to, const ReserveTraffic& from) {
  to.counter("boxoffice_reserve_statements_total",
             "Statements that reserves that made a hold sent to the database, tries included.",
             from.statements());
  to.counter("boxoffice_reserve_round_trips_total",
             "How often these reserves waited for the database's answer.", from.round_trips());
}

void write_connections(MetricFamilies& to, const ConnectionFigures& from) {
  to.gauge("boxoffice_http_connections", "Connections open.", from.open);
  to.gauge("boxoffice_http_connections_max", "One more than this is turned away.", from.open_max);
  to.counter("boxoffice_http_connections_turned_away_total", "Connections that were one too many.",
             from.turned_away);
  if (!from.tls) return;
  to.counters("boxoffice_tls_handshakes_total", "TLS handshakes by how they ended.");
  to.value({{"result", "success"}}, from.tls->handshakes_done);
  to.value({{"result", "failed"}}, from.tls->handshakes_failed);
  to.gauge("boxoffice_tls_certificate_not_after_timestamp_seconds",
           "End of the certificate's validity.", from.tls->not_after_s);
}

void write_event_cache(MetricFamilies& to, const EventCache& from) {
  const auto& counts = from.counts();
  to.counters("boxoffice_event_cache_requests_total",
              "Requests for one event: shown from memory, read, or shown what another one read.");
  to.value({{"result", "hit"}}, counts.hits);
  to.value({{"result", "miss"}}, counts.misses);
  to.value({{"result", "wait"}}, counts.waits);
  to.histogram("boxoffice_event_cache_age_seconds", "Age of what was shown without reading it.",
               counts.ages);
  const auto size = from.size();
  to.gauge("boxoffice_event_cache_entries", "Events that are kept.", size.entries);
  to.gauge("boxoffice_event_cache_bytes", "Memory that these take, about.", size.bytes);
}

/// Without a replica: zeros, so that nothing is missing from a query over all instances. One whose
/// age nobody knows is infinitely old.
void write_replica(MetricFamilies& to, const Replica* from) {
  const auto now = Clock::now();
  const std::optional<Clock::duration> lag =
      from ? from->lag(now) : std::optional(Clock::duration::zero());
  to.gauge("boxoffice_replica_configured", "1 where there is a read replica.",
           std::int64_t{from != nullptr});
  to.gauge("boxoffice_replica_in_use", "1 while listings are read from it.",
           std::int64_t{from && from->usable_as_of(now)});
  to.gauge(
      "boxoffice_replica_lag_seconds", "It shows what the primary had then, or more.",
      lag ? std::chrono::duration<double>(*lag).count() : std::numeric_limits<double>::infinity());
  to.counters("boxoffice_replica_listings_total", "Listings by who answered, with a replica.");
  to.value({{"from", "replica"}}, from ? from->from_replica().value() : 0);
  to.value({{"from", "primary"}}, from ? from->from_primary().value() : 0);
}

void write_executor(MetricFamilies& to, const Executor& from) {
  const auto state = from.state();
  to.gauge("boxoffice_pool_size", "Database connections for requests, a thread each.",
           std::int64_t{from.limits().threads});
  to.gauge("boxoffice_pool_in_use", "Of these, at work.", state.running);
  to.gauge("boxoffice_pool_waiting", "Admitted requests that wait for one of them.", state.ready);
  to.histogram("boxoffice_pool_wait_seconds", "Wait for a database connection, once admitted.",
               from.pool_wait());
  to.gauge("boxoffice_queue_length", "Requests that wait for admission or a connection.",
           state.waiting);
  to.gauge("boxoffice_queue_limit", "One more than this is refused.", from.limits().queue);
  to.gauge("boxoffice_event_concurrency",
           "Transactions of one event at once, at most; 0: unlimited.",
           std::int64_t{from.limits().per_key});
  to.gauge("boxoffice_event_concurrency_chosen",
           "That many, or 1, whichever has worked off lines sooner of late; 0: unlimited.",
           std::int64_t{from.width()});
  to.histogram("boxoffice_admission_wait_seconds", "Wait in the line of an event.",
               from.admission_wait());
}

void write_transactions(MetricFamilies& to, const TransactionCounts& from) {
  const auto for_each = [&](const auto& write) {
    for (std::size_t i = 0; i < k_operations.size(); ++i) {
      write(k_operations[i], from.operations[i]);
    }
  };
  to.histograms("boxoffice_transaction_duration_seconds",
                "From the first BEGIN to the end, all tries and the pauses between them included.");
  for_each([&](std::string_view operation, const auto& counts) {
    to.value({{"operation", operation}}, counts.duration);
  });
  to.counters("boxoffice_transaction_attempts_total", "Tries of transactions.");
  for_each([&](std::string_view operation, const auto& counts) {
    to.value({{"operation", operation}}, counts.attempts);
  });
  to.counters("boxoffice_transaction_failed_attempts_total",
              "Tries that the database or a lost race ended, by SQLSTATE or error number.");
  for_each([&](std::string_view operation, const auto& counts) {
    for (std::size_t i = 0; i < k_failure_codes.size(); ++i) {
      to.value({{"operation", operation}, {"code", k_failure_codes[i]}}, counts.failed_attempts[i]);
    }
  });
  to.counter("boxoffice_expired_holds_total", "Holds that were over and were released.",
             from.expired_reservations);
  to.counter("boxoffice_expired_tickets_total", "Tickets that these gave back.",
             from.expired_tickets);
}

void write_sweep(MetricFamilies& to, const SweepCounts& from) {
  to.counters("boxoffice_sweeps_total", "Passes of the sweep by how they ended.");
  to.value({{"result", "success"}}, from.succeeded);
  to.value({{"result", "led_by_another"}}, from.led_by_another);
  to.value({{"result", "failed"}}, from.failed);
  to.gauge("boxoffice_sweep_last_success_timestamp_seconds",
           "End of this instance's last complete pass; 0: none yet.",
           std::int64_t{from.last_success.load().time_since_epoch().count()});
}

void write_identity(MetricFamilies& to, const IdentityCheck& from) {
  to.gauge("boxoffice_identity_broken_events",
           "Events whose tickets did not add up when this instance last looked at them.",
           from.broken());
  to.counter("boxoffice_identity_checked_events_total", "Events that were looked at.",
             from.events_checked());
  to.counter("boxoffice_identity_checks_failed_total", "Looks that the database did not answer.",
             from.failed());
}

/// What the engine does not tell is left out.
void write_lock_waits(MetricFamilies& to, const strategies::LockWaits& from) {
  using Seconds = std::chrono::duration<double>;
  to.gauge("boxoffice_lock_waiting_sessions", "Sessions that waited for a lock at the last look.",
           from.waiting);
  if (from.longest) {
    to.gauge("boxoffice_lock_wait_longest_seconds",
             "The longest wait in progress at one of the last 15 looks, one a second.",
             Seconds(*from.longest).count());
  }
  if (!from.ended) return;
  to.counter("boxoffice_lock_waits_total",
             "Row-lock waits that ended, of the whole database server.", from.ended->waits);
  to.counter("boxoffice_lock_wait_seconds_total", "How long these took.",
             Seconds(from.ended->time).count());
}

void write_process(MetricFamilies& to, const ProcessFigures& from) {
  to.counter("process_cpu_seconds_total", "User and system time.", from.cpu_s);
  to.gauge("process_start_time_seconds", "Since the Unix epoch.", from.start_time_s);
  to.gauge("process_resident_memory_bytes", "In memory.", from.resident_bytes);
  to.gauge("process_virtual_memory_bytes", "Of address space.", from.virtual_bytes);
  to.gauge("process_threads", "Threads.", from.threads);
  to.gauge("process_open_fds", "Open files, sockets among them.", from.open_files);
  to.gauge("process_max_fds", "Files that may be open.", from.open_files_max);
}

}  // namespace

std::string expose(const MetricSources& from) {
  MetricFamilies families(from.strategy.name());
  write_build(families, from);
  write_requests(families, from.requests);
  write_reserve_times(families, from.requests.reserve_times());
  write_reserve_traffic(families, from.requests.reserve_traffic());
  if (from.connections) write_connections(families, from.connections());
  write_event_cache(families, from.event_cache);
  write_replica(families, from.replica);
  write_executor(families, from.executor);
  write_transactions(families, from.strategy.counts());
  write_sweep(families, from.sweeper.counts());
  write_identity(families, from.sweeper.identity());
  if (const auto waits = from.lock_watch.recent()) write_lock_waits(families, *waits);
  families.gauge("boxoffice_database_up", "1 where the database answered a moment ago.",
                 std::int64_t{from.health.well()});
  MetricFamilies process({});
  write_process(process, read_process_figures());
  return families.text() + process.text();
}

}  // namespace boxoffice::server
