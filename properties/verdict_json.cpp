// See verdict_json.hpp.
#include "properties/verdict_json.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "properties/names.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

/// The counts of the evidence and their names, once for both directions.
constexpr std::array<std::pair<std::string_view, std::int64_t Evidence::*>, 9> k_counts = {{
    {"reserves_ok", &Evidence::reserves_ok},
    {"existing_holds", &Evidence::existing_holds},
    {"purchases_ok", &Evidence::purchases_ok},
    {"cancels_ok", &Evidence::cancels_ok},
    {"reads_ok", &Evidence::reads_ok},
    {"sold_out", &Evidence::sold_out},
    {"expired_rows", &Evidence::expired_rows},
    {"indeterminate", &Evidence::indeterminate},
    {"overlapping_mutators", &Evidence::overlapping_mutators},
}};

json::string word(std::string_view name) {
  return json::string(name.data(), name.size());
}

Outcome outcome_from(JsonFields& fields) {
  const auto outcome = outcome_named(fields.required_word("outcome"));
  if (!outcome) fields.fail("outcome", "is no outcome");
  return outcome.value_or(Outcome::unknown);
}

std::vector<std::int64_t> integers_from(JsonFields& fields, std::string_view key) {
  std::vector<std::int64_t> numbers;
  const json::array* list = fields.list(key);
  if (!list) return numbers;
  for (const json::value& value : *list) {
    if (!value.is_int64()) fields.fail(key, "holds something else than integers");
    numbers.push_back(value.is_int64() ? value.get_int64() : 0);
  }
  return numbers;
}

std::vector<std::string> sentences_from(JsonFields& fields, std::string_view key) {
  std::vector<std::string> sentences;
  const json::array* list = fields.list(key);
  if (!list) return sentences;
  for (const json::value& value : *list) {
    if (!value.is_string()) fields.fail(key, "holds more than sentences");
    if (value.is_string()) sentences.emplace_back(value.get_string());
  }
  return sentences;
}

Violation violation_from(JsonFields& fields) {
  Violation violation;
  violation.invariant = fields.text("invariant");
  violation.message = fields.text("message");
  violation.event_id = fields.integer("event_id", k_id_max);
  violation.operations = integers_from(fields, "operations");
  violation.reservations = integers_from(fields, "reservations");
  return violation;
}

Check check_from(JsonFields& fields) {
  Check check;
  check.invariant = fields.text("invariant");
  check.outcome = outcome_from(fields);
  check.examined = fields.integer("examined");
  check.note = fields.text("note");
  return check;
}

template <class Item>
std::vector<Item> items_from(JsonFields& fields, std::string_view key, std::string& error,
                             Item (*item_from)(JsonFields&)) {
  std::vector<Item> items;
  const json::array* list = fields.list(key);
  if (!list) return items;
  for (const json::value& value : *list) {
    if (!value.is_object()) {
      fields.fail(key, "holds something else than objects");
      break;
    }
    JsonFields item(value.get_object(), error);
    items.push_back(item_from(item));
  }
  return items;
}

}  // namespace

void tag_invoke(json::value_from_tag, json::value& value, const Violation& violation) {
  value = {{"invariant", violation.invariant},
           {"message", violation.message},
           {"event_id", violation.event_id},
           {"operations", json::value_from(violation.operations)},
           {"reservations", json::value_from(violation.reservations)}};
}

void tag_invoke(json::value_from_tag, json::value& value, const Check& check) {
  value = {{"invariant", check.invariant},
           {"outcome", word(name_of(check.outcome))},
           {"examined", check.examined},
           {"note", check.note}};
}

void tag_invoke(json::value_from_tag, json::value& value, const Evidence& evidence) {
  json::object& object = value.emplace_object();
  for (const auto& [name, count] : k_counts) object[name] = evidence.*count;
}

void tag_invoke(json::value_from_tag, json::value& value, const Verdict& verdict) {
  value = {{"schema", word(k_verdict_schema)},
           {"outcome", word(name_of(verdict.outcome))},
           {"checks", json::value_from(verdict.checks)},
           {"violations", json::value_from(verdict.violations)},
           {"violations_total", verdict.violations_total},
           {"evidence", json::value_from(verdict.evidence)},
           {"missing_evidence", json::value_from(verdict.missing_evidence)},
           {"not_attempted", json::value_from(verdict.not_attempted)}};
}

std::string verdict_line(const Verdict& verdict) {
  return json::serialize(json::value_from(verdict)) + "\n";
}

ReadResult<Verdict> read_verdict(std::string_view text) {
  boost::system::error_code code;
  const json::value value = json::parse(text, code);
  if (code) return ReadError{1, code.message()};
  if (!value.is_object()) return ReadError{1, "is not a JSON object"};
  std::string error;
  JsonFields fields(value.get_object(), error);
  if (fields.required_word("schema") != k_verdict_schema) fields.fail("schema", "is unknown");
  Verdict verdict;
  verdict.outcome = outcome_from(fields);
  verdict.checks = items_from(fields, "checks", error, check_from);
  verdict.violations = items_from(fields, "violations", error, violation_from);
  verdict.violations_total = fields.integer("violations_total");
  if (const json::object* counts = fields.nested("evidence")) {
    JsonFields evidence(*counts, error);
    for (const auto& [name, count] : k_counts) verdict.evidence.*count = evidence.integer(name);
  }
  verdict.missing_evidence = sentences_from(fields, "missing_evidence");
  verdict.not_attempted = sentences_from(fields, "not_attempted");
  if (!error.empty()) return ReadError{1, error};
  return verdict;
}

}  // namespace boxoffice::properties
