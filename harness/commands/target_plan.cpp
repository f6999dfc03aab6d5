// See target_plan.hpp.
#include "harness/commands/target_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "harness/audit/audit.hpp"
#include "harness/failure.hpp"
#include "harness/load/adapter.hpp"
#include "harness/programs.hpp"
#include "harness/target.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
using properties::Function;

// The row is found by the id that was sent, and by nothing else where no reply came.
void refuse_unsent_ids(const load::Adapter& adapter) {
  const load::OperationShape& reserve = adapter.of(Function::reserve);
  if (!adapter.headers.before_request_id.empty() ||
      load::carries(reserve.path, load::Place::request_id) ||
      load::carries(reserve.body, load::Place::request_id))
    return;
  throw UsageError(
      "--audit-database: the rows are told apart by their request ids, and the adapter sends none: "
      "name its header (request_id), or {request_id} in the path or body of [reserve]");
}

// What refuses the last ticket's second buyer has to be seen refusing.
void refuse_nameless_end(const load::Adapter& adapter) {
  const auto& rules = adapter.of(Function::reserve).outcomes;
  const auto sold_out = [](const load::OutcomeRule& rule) { return rule.means.code == "sold_out"; };
  if (rules.empty() || std::ranges::any_of(rules, sold_out)) return;
  throw UsageError(
      "--adapter: [reserve.outcomes] does not say which reply means sold_out, and a verdict needs "
      "to have seen it");
}

// Without versions nothing tells a row of before the run from one of its own: each would be one
// that nobody asked for.
void refuse_older_rows(Sql& sql, const properties::Header& header) {
  if (header.versions) return;
  for (const properties::EventCapacity& event : header.events) {
    const std::int64_t rows = sql.number("SELECT count(*) FROM reservations WHERE event_id = $1",
                                         {std::to_string(event.event_id)});
    if (rows > 0)
      throw UsageError(fmt::format(
          "--audit-database: event {} has {} reservations already, and without event versions in "
          "the replies nobody can tell them from the run's: name events that have none",
          event.event_id, rows));
  }
}

}  // namespace

load::LoadPlan target_plan(const TargetOptions& options, const RunOptions& run, Duration time,
                           std::int64_t threads) {
  if (options.tokens.empty())
    throw UsageError("--target needs --tokens: a file of user id, tab, token");
  load::LoadPlan plan;
  set_target(plan, options.target, options.ca);
  set_api(plan, options.adapter, options.events);
  refuse_nameless_end(plan.adapter);
  if (!options.audit_database.empty()) {
    if (plan.event_texts)
      throw UsageError("--audit-database: its ids are numbers, but --events are texts");
    refuse_unsent_ids(plan.adapter);
    plan.reservation_texts = nullptr;
  }
  plan.users = read_tokens(options.tokens);
  plan.connections = static_cast<std::size_t>(options.connections);
  plan.threads = static_cast<std::size_t>(std::min(threads, options.connections));
  if (options.rate > 0) plan.rate_per_s = static_cast<double>(options.rate);
  plan.duration = time;
  plan.mix = {.reserve = 5, .purchase = 0.2, .cancel = 2, .read = 2, .stranger = 0.2};
  if (options.adapter.empty()) plan.mix.repeat = 0.2;  // what a request id means is our API's
  plan.repeats_lost = !options.audit_database.empty();
  const load::OperationShape& reserve = plan.adapter.of(Function::reserve);
  const bool several = load::carries(reserve.path, load::Place::quantity) ||
                       load::carries(reserve.body, load::Place::quantity);
  plan.quantity_max = several ? 3 : 1;  // one ticket each hides what is off by one
  if (!plan.adapter.of(Function::purchase).offered) plan.mix.purchase = 0;
  if (!plan.adapter.of(Function::cancel).offered) plan.mix.cancel = 0;
  if (plan.mix.purchase + plan.mix.cancel == 0) plan.mix.stranger = 0;
  plan.user_choice = load::UserChoice::stay;
  plan.seed = run.seed;
  plan.request_id_salt = fresh_salt();
  plan.lag_bound = 50ms;
  return plan;
}

std::uint64_t purchases_max(const properties::Header& header, const load::LoadPlan& plan) {
  const auto& smallest =
      *std::ranges::min_element(header.events, {}, &properties::EventCapacity::available_tickets);
  const std::int64_t tickets =
      smallest.available_tickets * 2 / 3 * static_cast<std::int64_t>(header.events.size());
  return static_cast<std::uint64_t>(tickets / plan.quantity_max);
}

void refuse_unfit_database(const TargetOptions& options, const properties::Header& header) {
  if (options.audit_database.empty()) return;
  Sql sql(options.audit_database);
  const std::string blind = why_blind(sql);
  if (!blind.empty()) throw UsageError("--audit-database: " + blind);
  refuse_older_rows(sql, header);
}

}  // namespace boxoffice::harness
