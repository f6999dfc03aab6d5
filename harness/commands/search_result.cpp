// See search_result.hpp.
#include "harness/commands/search_result.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "harness/failure.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

namespace json = boost::json;
using Verdict = properties::Outcome;

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::string or_dash(const std::optional<double>& rate) {
  return rate ? fmt::format("{:.0f}", *rate) : "-";
}

}  // namespace

Verdict SearchResult::verdict() const {
  Verdict worst = Verdict::pass;
  if (judged) {
    for (const Probe& probe : probes) worst = std::max(worst, probe.verdict);
  }
  return worst;
}

int exit_code(const SearchResult& result) {
  const Verdict verdict = result.verdict();
  if (result.interrupted) return k_exit_interrupted;
  if (verdict == Verdict::violation) return k_exit_violation;
  if (verdict == Verdict::invalid || result.limited_by_generator || result.broke_off)
    return k_exit_invalid;
  if (verdict == Verdict::unknown) return k_exit_unknown;
  return result.found.met ? k_exit_pass : k_exit_threshold;
}

void write_result(const SearchResult& result, const RunDirectory& directory) {
  json::array probes;
  for (const Probe& probe : result.probes) {
    probes.push_back({{"rate_per_s", probe.rate_per_s},
                      {"repeat", probe.repeat},
                      {"met", probe.met},
                      {"why", probe.why},
                      {"figure_valid", probe.figure_valid},
                      {"verdict", properties::name_of(probe.verdict)}});
  }
  const json::object written = {{"schema", "boxoffice.search/1"},
                                {"met_per_s", or_null(result.found.met)},
                                {"missed_per_s", or_null(result.found.missed)},
                                {"low_per_s", or_null(result.found.certain)},
                                {"high_per_s", or_null(result.found.impossible)},
                                {"limited_by_generator", result.limited_by_generator},
                                {"interrupted", result.interrupted},
                                {"exit_code", exit_code(result)},
                                {"measurements", std::move(probes)}};
  write_file(directory.path() / "search.json", json::serialize(written) + "\n");
}

void print_result(const SearchResult& result, const RunDirectory& directory) {
  for (const Probe& probe : result.probes)
    fmt::print("  {:>8.0f}/s  {:<6}  {}\n", probe.rate_per_s, probe.met ? "met" : "missed",
               probe.why);
  const FoundRate& found = result.found;
  if (found.met)
    fmt::print("highest rate that meets {}: {}/s, interval {}..{}/s\n",
               fmt::join(result.objectives, ", "), or_dash(found.met), or_dash(found.certain),
               or_dash(found.impossible));
  else
    fmt::print("no rate was found that meets {}\n", fmt::join(result.objectives, ", "));
  if (!found.met && found.missed && *found.missed <= result.least_per_s)
    fmt::print("  no rate below {:.3g}/s is tried{}\n", result.least_per_s,
               result.least_per_s > 1 ? ": the longest measurement has too few requests" : "");
  if (result.limited_by_generator)
    fmt::print("ended by the generator, not by the server: the answer is a lower bound\n");
  if (result.interrupted) fmt::print("interrupted: what was measured so far\n");
  std::string_view verdict = "none, plain GETs";
  if (result.judged)
    verdict = result.probes.empty() ? "none, nothing was measured to its end"
                                    : properties::name_of(result.verdict());
  fmt::print("verdict{}: {}; stored in {}\n", result.clients_view ? " from the clients' view" : "",
             verdict, directory.path().string());
}

}  // namespace boxoffice::harness
