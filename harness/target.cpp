// See target.hpp.
#include "harness/target.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <random>
#include <thread>

#include "harness/adapter_file.hpp"
#include "harness/failure.hpp"
#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/load/reply.hpp"
#include "harness/run_directory.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::harness {

namespace {

using properties::Function;

constexpr std::chrono::seconds k_patience{2};
// A cache's time to live is a second or so; what is still of the past after this always is.
constexpr std::chrono::seconds k_patience_with_caches{5};
constexpr std::chrono::milliseconds k_cache_pause{50};
// For all events together: a server that was loaded to its limit answers a little later.
constexpr std::chrono::seconds k_patience_after_load{10};

struct Answer {
  int http = 0;
  std::string body;
  bool aged = false;
};

// One request, by the client of the load: what is judged is asked as it is loaded.
std::optional<Answer> answer_to(const load::LoadPlan& plan, const load::Request& request) {
  std::optional<Answer> answer;
  const auto client = load::make_client(plan.target, 1, k_patience, plan.adapter.headers, plan.ca);
  std::string_view mistrust;
  client->start(0, request);
  while (client->in_flight() > 0) {
    client->wait(load::k_never_ns, [&](std::size_t, const load::Exchange& exchange) {
      if (exchange.failure.code.empty())
        answer = {exchange.http, std::string(exchange.body), exchange.aged};
      mistrust = load::certificate_problem(exchange.failure.code);
    });
  }
  if (!mistrust.empty()) throw std::runtime_error(fmt::format("{}: {}", plan.target, mistrust));
  return answer;
}

// The same; an answer out of a cache is waited out, so that what is said holds now.
std::optional<Answer> fresh_answer_to(const load::LoadPlan& plan, const load::Request& request) {
  const auto give_up = std::chrono::steady_clock::now() + k_patience_with_caches;
  for (;;) {
    auto answer = answer_to(plan, request);
    if (!answer || !answer->aged || std::chrono::steady_clock::now() > give_up) return answer;
    std::this_thread::sleep_for(k_cache_pause);
  }
}

std::string filled(const load::LoadPlan& plan, const load::Pattern& pattern, std::int64_t event) {
  load::Values values{.event_id = event};
  if (plan.event_texts) values.event_text = plan.event_texts->written(event).text;
  std::string text;
  append(text, pattern, values);
  return text;
}

// Of an event; nothing where the text is not the one way to write it: an id is no count ("10k").
std::optional<std::int64_t> event_number(const std::string& text) {
  const auto number = load::number_spelled(text);
  return number && *number >= 0 ? number : std::nullopt;
}

// What the event holds when the run begins, as the server says it.
SaidOfEvent ask_for_capacity(const load::LoadPlan& plan, std::int64_t event) {
  std::optional<SaidOfEvent> said;
  try {
    said = ask_event(plan, event);
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("--target: {}", error.what()));
  }
  if (!said) throw UsageError(fmt::format("--target {}: no answer within 2 s", plan.target));
  const load::OperationShape& shape = plan.adapter.of(Function::read);
  const std::string path = filled(plan, shape.path, event);
  if (!said->known || (!said->found && said->http != 200))
    throw UsageError(fmt::format("--events: the server answers {} for {}{}", said->http, path,
                                 said->known ? "" : ", which [read.outcomes] does not have"));
  if (said->aged)
    throw UsageError(fmt::format(
        "--target: {} answers out of a cache or a replica only (Age): a run must begin with what "
        "holds now; switch that off (ours: --event-cache 0)",
        path));
  const load::ReplyFields& fields = shape.reply;
  const auto& missing = said->available ? fields.total_tickets : fields.available;
  if (!said->available || !said->total_tickets)
    throw UsageError(fmt::format(
        "--target: {} answers {} without a number at '{}', which is where {} has it", path,
        said->http, fmt::join(missing, "."), shape.outcomes.empty() ? "this API" : "the adapter"));
  return *said;
}

// What follows the port would be sent nowhere: each request has a path of its own.
void refuse_path(const std::string& target) {
  const auto scheme = target.find("://");
  if (scheme == std::string::npos) return;
  const auto path = std::min(target.find_first_of("/?#", scheme + 3), target.size());
  const std::string rest = target.substr(path);
  if (rest.empty() || rest == "/") return;
  throw UsageError(
      fmt::format("--target: {} only, without '{}': an API at other paths than ours is mapped by a "
                  "file (--adapter, docs/adapters.md)",
                  target.substr(0, path), rest));
}

using Numbers = std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>;

// Available tickets and version; nothing where it does not say them.
Numbers numbers_of(const load::LoadPlan& plan, std::int64_t event) {
  try {
    const auto said = ask_event(plan, event);
    return said ? Numbers{said->available, said->version} : Numbers{};
  } catch (const std::runtime_error&) {
    return {};
  }
}

// Where the load only reserves, what it left behind can but take tickets: that others come back, by
// the end of their holds, is no sign of it.
bool is_restless(const load::LoadPlan& plan, const std::vector<Numbers>& shown,
                 const std::vector<Numbers>& now) {
  const bool only_takes = plan.mix.purchase + plan.mix.cancel <= 0;
  if (!only_takes || shown.size() != now.size()) return now != shown;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i].first < shown[i].first) return true;
  }
  return false;
}

// Nothing where it does not say it, or says it out of a cache.
std::optional<std::int64_t> capacity_of(const load::LoadPlan& plan, std::int64_t event) {
  try {
    const auto said = ask_event(plan, event);
    return said && !said->aged ? said->total_tickets : std::nullopt;
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<SaidOfEvent> ask_event(const load::LoadPlan& plan, std::int64_t event) {
  const load::OperationShape& shape = plan.adapter.of(Function::read);
  const std::string path = filled(plan, shape.path, event);
  const std::string body = filled(plan, shape.body, event);
  load::Request request{shape.method, path, body, {}, {}};
  if (shape.authenticated && !plan.users.empty()) request.token = plan.users.front().token;
  const auto answer = fresh_answer_to(plan, request);
  if (!answer) return std::nullopt;
  load::ReplyReader reader(plan.adapter);
  const load::Reply reply = reader.read(Function::read, answer->http, answer->body);
  SaidOfEvent said{answer->http, reply.known, false, answer->aged, {}, {}, {}};
  said.found = classify(Function::read, {}, reply).type == properties::EntryType::ok;
  if (!said.found) return said;
  said.available = reply.out.available;
  said.version = reply.out.version;
  said.total_tickets =
      load::integer_at(boost::json::parse(answer->body), shape.reply.total_tickets);
  if (said.total_tickets.value_or(0) > properties::k_integer_max) said.total_tickets.reset();
  return said;
}

void set_target(load::LoadPlan& plan, const std::string& target, const std::string& ca) {
  refuse_path(target);
  plan.target = target;
  plan.ca = ca;
  if (!ca.empty() && !std::ifstream(ca)) throw UsageError("--ca: cannot read " + ca);
}

void set_api(load::LoadPlan& plan, const std::string& adapter,
             const std::vector<std::string>& events) {
  plan.adapter = load_adapter(adapter);
  if (!adapter.empty()) {
    plan.reservation_texts = std::make_shared<load::TextIds>();
    if (!std::ranges::all_of(events,
                             [](const auto& text) { return event_number(text).has_value(); }))
      plan.event_texts = std::make_shared<load::TextIds>();
  }
  plan.events.clear();
  for (const std::string& text : events) {
    const auto id =
        plan.event_texts ? std::optional(plan.event_texts->number_of(text)) : event_number(text);
    if (!id) throw UsageError(fmt::format("--events: '{}' is not the number of an event", text));
    if (std::ranges::count(plan.events, *id) > 0)
      throw UsageError(fmt::format("--events: '{}' is there twice", text));
    plan.events.push_back(*id);
  }
}

void write_text_ids(const load::LoadPlan& plan, const std::filesystem::path& directory) {
  const auto write = [&](const auto& ids, const char* name) {
    const std::string table = ids ? ids->table() : "";
    if (!table.empty()) write_file(directory / name, table);
  };
  write(plan.event_texts, "events.tsv");
  write(plan.reservation_texts, "reservations.tsv");
}

std::uint64_t fresh_salt() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

std::int64_t clock_slack_us(Duration hold) {
  return 5'000 + hold.count() / 1000 / 1000;
}

properties::Header header_for(const load::LoadPlan& plan, const std::string& run_id,
                              Duration hold) {
  properties::Header header;
  header.run_id = run_id;
  header.seed = plan.seed;
  header.hold_us = hold.count() / 1000;
  header.clock_slack_us = clock_slack_us(hold);
  header.one_hold_per_user = plan.adapter.one_hold_per_user;
  header.ids_per_event = plan.adapter.ids_per_event();
  header.end_due = true;
  header.others_may_edit = true;
  for (const std::int64_t event : plan.events) {
    const SaidOfEvent said = ask_for_capacity(plan, event);
    header.events.push_back(
        {event, *said.total_tickets, *said.available, said.version.value_or(0)});
    header.versions = header.versions && said.version;
  }
  return header;
}

void write_client_header(const load::LoadPlan& plan, Duration hold, const std::string& run_id) {
  std::string text;
  properties::append_line(text, header_for(plan, run_id, hold));
  write_file(plan.history_path, text);
}

bool stands_still(const load::LoadPlan& plan, std::chrono::milliseconds still,
                  std::chrono::milliseconds patience, const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  const auto give_up = Clock::now() + patience;
  std::vector<Numbers> shown;
  auto since = Clock::now();
  while (Clock::now() < give_up && !stop.stop_requested()) {
    std::vector<Numbers> now;
    for (const std::int64_t event : plan.events) now.push_back(numbers_of(plan, event));
    const bool whole =
        std::ranges::all_of(now, [](const Numbers& of) { return of.first.has_value(); });
    if (!whole || is_restless(plan, shown, now)) since = Clock::now();
    if (whole && Clock::now() - since >= still) return true;
    shown = std::move(now);
    std::this_thread::sleep_for(k_cache_pause);
  }
  return false;
}

void note_capacities(const load::LoadPlan& plan) {
  if (!ends_with_a_line(plan.history_path)) return;
  std::ifstream file(plan.history_path);
  std::string header;
  std::getline(file, header);
  const auto written = properties::read_history(header + "\n");
  if (!written) return;  // whoever judges it says what is wrong with it
  const auto give_up = std::chrono::steady_clock::now() + k_patience_after_load;
  std::string text;
  for (const properties::EventCapacity& event : written->history.header.events) {
    properties::FinalCapacity capacity{event.event_id, {}};
    while (!capacity.total_tickets && std::chrono::steady_clock::now() < give_up) {
      capacity.total_tickets = capacity_of(plan, event.event_id);
      if (!capacity.total_tickets) std::this_thread::sleep_for(k_cache_pause);
    }
    properties::append_line(text, capacity);
  }
  append_to_history(plan.history_path, text);
}

// A target that is not there is a mistake in the flag, not a figure of zero.
void expect_listener(const load::LoadPlan& plan) {
  if (plan.get_path.empty()) {
    header_for(plan, "", {});
    return;
  }
  if (!plan.target.starts_with("http")) return;
  try {
    if (answer_to(plan, {load::Method::get, plan.get_path, {}, {}, {}})) return;
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("--target: {}", error.what()));
  }
  throw UsageError(fmt::format("--target {}: no answer within 2 s", plan.target));
}

}  // namespace boxoffice::harness
