// See search_result.hpp.
#include "harness/commands/search_result.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "harness/failure.hpp"
#include "harness/stored_trial.hpp"
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

bool passed(const Probe& probe, bool judged) {
  return !judged || probe.verdict == Verdict::pass;
}

/// Every measurement says something of the server, and none is missing.
bool sound(const SearchResult& result) {
  return !result.broke_off && !result.harness_failed &&
         std::ranges::all_of(result.probes, &Probe::figure_valid);
}

std::string why_no_answer(const SearchResult& result) {
  if (result.verdict() != Verdict::pass)
    return fmt::format("a measurement's verdict is {}", properties::name_of(result.verdict()));
  if (result.any(ProbeEnd::generator_limited))
    return "it was ended by the generator, not by the server: what was met is a lower bound";
  if (result.any(ProbeEnd::tickets_ran_out))
    return "the events sold out, and it needs tickets for all";
  if (result.any(ProbeEnd::users_ran_out)) return "the users had bought all that they may have";
  if (result.interrupted) return "it was interrupted";
  return "it broke off";
}

/// "PostgreSQL 15.18, durability full, ...": what the rate stands beside.
std::string conditions_text(const Conditions& conditions) {
  std::string text;
  for (const auto& [name, value] : conditions) {
    const bool itself = name == "database" || name == "target";
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", itself ? "" : name + " ", value);
  }
  return text;
}

std::string answer_text(const SearchResult& result) {
  const FoundRate& found = result.found;
  const std::string objectives = fmt::format("{}", fmt::join(result.objectives, ", "));
  if (result.interrupted && result.worthy())
    return fmt::format("interrupted: of {}, met so far: {}/s, missed: {}/s\n", objectives,
                       or_dash(found.met), or_dash(found.missed));
  if (!result.is_answer())
    return fmt::format("no rate is an answer to {}: {}\n", objectives, why_no_answer(result));
  if (found.met && !found.missed)
    return fmt::format("at least {}/s meets {}: that is --to, and no higher rate was tried\n",
                       or_dash(found.met), objectives);
  if (found.met)
    return fmt::format("highest rate that meets {}: {}/s, interval {}..{}/s\n", objectives,
                       or_dash(found.met), or_dash(found.certain), or_dash(found.impossible));
  std::string text = fmt::format("no rate was found that meets {}\n", objectives);
  if (found.missed && *found.missed <= result.least_per_s)
    text +=
        fmt::format("  no rate below {:.3g}/s is tried{}\n", result.least_per_s,
                    result.least_per_s > 1 ? ": the longest measurement has too few requests" : "");
  return text;
}

}  // namespace

Verdict SearchResult::verdict() const {
  Verdict worst = Verdict::pass;
  if (judged) {
    for (const Probe& probe : probes) worst = std::max(worst, probe.verdict);
  }
  return worst;
}

bool SearchResult::any(ProbeEnd end) const {
  return std::ranges::any_of(probes, [end](const Probe& probe) { return probe.end == end; });
}

bool SearchResult::worthy() const {
  return verdict() == Verdict::pass && sound(*this);
}

bool SearchResult::is_answer() const {
  return worthy() && !interrupted;
}

void note_probe(const Probe& probe, SearchResult& result, RateSearch& search) {
  result.probes.push_back(probe);
  if (!probe.figure_valid() || !passed(probe, result.judged))
    search.stop();
  else
    search.note(probe.end == ProbeEnd::met);
}

std::string_view word_of(const Probe& probe, bool judged) {
  if (!passed(probe, judged)) return properties::name_of(probe.verdict);
  if (!probe.figure_valid()) return "invalid";
  return probe.end == ProbeEnd::met ? "met" : "missed";
}

int exit_code(const SearchResult& result) {
  const Verdict verdict = result.verdict();
  if (result.harness_failed) return k_exit_internal;
  if (result.interrupted) return k_exit_interrupted;
  if (verdict == Verdict::violation) return k_exit_violation;
  if (verdict == Verdict::invalid || !sound(result)) return k_exit_invalid;
  if (verdict == Verdict::unknown) return k_exit_unknown;
  return result.found.met ? k_exit_pass : k_exit_threshold;
}

std::string result_json(const SearchResult& result) {
  json::array probes;
  for (const Probe& probe : result.probes) {
    probes.push_back({{"rate_per_s", probe.rate_per_s},
                      {"repeat", probe.repeat},
                      {"met", word_of(probe, result.judged) == "met"},
                      {"why", probe.why},
                      {"figure_valid", probe.figure_valid()},
                      {"verdict", properties::name_of(probe.verdict)}});
  }
  json::object conditions;
  for (const auto& [name, value] : result.conditions) conditions[name] = value;
  const FoundRate found = result.is_answer() ? result.found : FoundRate{};
  const json::object written = {{"schema", "boxoffice.search/1"},
                                {"objectives", json::value_from(result.objectives)},
                                {"conditions", std::move(conditions)},
                                {"met_per_s", or_null(found.met)},
                                {"missed_per_s", or_null(found.missed)},
                                {"low_per_s", or_null(found.certain)},
                                {"high_per_s", or_null(found.impossible)},
                                {"limited_by_generator", result.any(ProbeEnd::generator_limited)},
                                {"tickets_ran_out", result.any(ProbeEnd::tickets_ran_out)},
                                {"users_ran_out", result.any(ProbeEnd::users_ran_out)},
                                {"interrupted", result.interrupted},
                                {"exit_code", exit_code(result)},
                                {"measurements", std::move(probes)}};
  return json::serialize(written) + "\n";
}

std::string result_text(const SearchResult& result) {
  std::string text;
  for (const Probe& probe : result.probes)
    text += fmt::format("  {:>8.0f}/s  {:<9}  {}\n", probe.rate_per_s,
                        word_of(probe, result.judged), probe.why);
  text += answer_text(result);
  if (const std::string conditions = conditions_text(result.conditions); !conditions.empty())
    text += paragraph(conditions, false);
  std::string_view verdict = "none, plain GETs";
  if (result.judged)
    verdict = result.probes.empty() ? "none, nothing was measured to its end"
                                    : properties::name_of(result.verdict());
  return text + fmt::format("verdict{}: {}", result.clients_view ? " from the clients' view" : "",
                            verdict);
}

}  // namespace boxoffice::harness
