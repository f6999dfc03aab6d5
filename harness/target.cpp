// See target.hpp.
#include "harness/target.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>

#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::harness {

namespace {

struct AskedEvent {
  properties::EventCapacity capacity;
  bool has_version = false;
};

// What the event holds when the run begins, as the server says it.
AskedEvent ask(const std::string& target, std::int64_t event) {
  const auto reply = http_get(fmt::format("{}/api/events/{}", target, event));
  if (!reply) throw UsageError(fmt::format("--target {}: no answer within 2 s", target));
  if (reply->status != 200)
    throw UsageError(
        fmt::format("--events: the server answers {} for event {}", reply->status, event));
  boost::system::error_code error;
  const auto value = boost::json::parse(reply->body, error);
  try {
    if (error) throw std::invalid_argument("not JSON");
    const auto& said = value.at("event").as_object();
    const auto* version = said.if_contains("version");
    return {{event, said.at("total_tickets").to_number<std::int64_t>(),
             said.at("available_tickets").to_number<std::int64_t>(),
             version ? version->to_number<std::int64_t>() : 0},
            version != nullptr};
  } catch (const std::exception&) {
    throw UsageError(fmt::format(
        "GET {}/api/events/{} did not answer as this API does (docs: HTTP API)", target, event));
  }
}

}  // namespace

std::vector<std::int64_t> event_ids(const std::vector<std::string>& texts) {
  std::vector<std::int64_t> ids;
  for (const std::string& text : texts) ids.push_back(parse_count(text));
  return ids;
}

std::uint64_t fresh_salt() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

properties::Header header_for(const load::LoadPlan& plan, const std::string& run_id,
                              Duration hold) {
  properties::Header header;
  header.run_id = run_id;
  header.seed = plan.seed;
  header.hold_us = hold.count() / 1000;
  header.clock_slack_us = 5'000;
  for (const std::int64_t event : plan.events) {
    const AskedEvent asked = ask(plan.target, event);
    header.events.push_back(asked.capacity);
    header.versions = header.versions && asked.has_version;
  }
  return header;
}

void write_client_header(const load::LoadPlan& plan, Duration hold, const std::string& run_id) {
  std::string text;
  properties::append_line(text, header_for(plan, run_id, hold));
  write_file(plan.history_path, text);
}

// A target that is not there is a mistake in the flag, not a figure of zero.
void expect_listener(const load::LoadPlan& plan) {
  if (!plan.target.starts_with("http")) return;
  if (!http_get(plan.target + plan.get_path)) {
    throw UsageError(fmt::format("--target {}: no answer within 2 s", plan.target));
  }
}

}  // namespace boxoffice::harness
