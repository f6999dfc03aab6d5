// See adapter_file.hpp. A table an operation, each with what is sent, where its reply says what,
// and which replies mean what.
#include "harness/adapter_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "harness/adapter_body.hpp"
#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "harness/toml_table.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

using load::Adapter;
using load::Method;
using load::OperationShape;
using load::Place;
using properties::Function;
using properties::ReservationStatus;

// What `read` throws of a value becomes a line about its key.
template <class Read>
auto at_key(const TomlTable& table, std::string_view key, Read read) {
  try {
    return read();
  } catch (const std::invalid_argument& error) {
    table.fail(key, error.what());
  }
}

std::string required_text(TomlTable& table, std::string_view key, const char* what) {
  const auto text = table.get<std::string>(key, what);
  if (!text || text->empty()) table.fail(key, fmt::format("is missing: it {}", what));
  return *text;
}

void read_authorization(TomlTable& root, load::RequestHeaders& headers) {
  const auto line = root.get<std::string>("authorization", "must be a text");
  if (!line) return;
  const std::string_view place = "{token}";
  const auto at = line->find(place);
  const auto colon = line->find(": ");
  if (at == std::string::npos || colon == std::string::npos || colon == 0 || colon > at)
    root.fail("authorization", "must be a header with {token}, such as \"X-Api-Key: {token}\"");
  headers.before_token = line->substr(0, at);
  headers.after_token = line->substr(at + place.size());
}

void read_request_id(TomlTable& root, load::RequestHeaders& headers) {
  const auto name = root.get<std::string>("request_id", "must be a text");
  if (!name) return;
  if (name->empty() || name->find_first_of(": \t") != std::string::npos)
    root.fail("request_id", "must be the bare name of a header, such as \"Idempotency-Key\"");
  headers.before_request_id = *name + ": ";
}

void read_states(TomlTable& root, Adapter& adapter) {
  adapter.statuses = load::own_api().statuses;
  auto states = root.table("states");
  if (!states) return;
  adapter.statuses.clear();
  for (const auto status : {ReservationStatus::reserved, ReservationStatus::purchased,
                            ReservationStatus::cancelled, ReservationStatus::expired}) {
    const std::string key(properties::name_of(status));
    for (const toml::node* word : states->one_or_more(key)) {
      const auto text = word->value_exact<std::string>();
      if (!text) states->fail_at(*word, key, "must be a text or a list of texts");
      for (const auto& [known, other] : adapter.statuses) {
        if (known == *text)
          states->fail_at(*word, key, fmt::format("has '{}', which is there already", *text));
      }
      adapter.statuses.emplace_back(*text, status);
    }
  }
  states->expect_nothing_more();
}

class OperationReader {
 public:
  OperationReader(TomlTable& table, Function f, bool has_code)
      : table_(table), f_(f), has_code_(has_code) {}

  OperationShape read() {
    table_.expect_only({"method", "path", "body", "reply", "outcomes"});
    read_request();
    read_reply();
    read_outcomes();
    return std::move(shape_);
  }

 private:
  void read_request() {
    required_text(table_, "method", "must be one of: DELETE, GET, PATCH, POST, PUT");
    table_.choose<Method>("method", shape_.method,
                          {{"GET", Method::get},
                           {"POST", Method::post},
                           {"PUT", Method::put},
                           {"PATCH", Method::patch},
                           {"DELETE", Method::del}});
    const std::string path = required_text(table_, "path", "must be a path from the slash on");
    if (path.front() != '/' || path.find_first_of(" \t\r\n") != std::string::npos)
      table_.fail("path", "must begin with a slash and hold no space");
    shape_.path = at_key(table_, "path", [&] { return load::parse_pattern(path); });
    if (auto body = table_.table("body")) {
      const toml::node& node = *table_.find("body");
      shape_.body = at_key(table_, "body", [&] { return json_pattern(node); });
    }
    const bool of_event = f_ == Function::reserve || f_ == Function::read;
    const Place place = of_event ? Place::event_id : Place::reservation_id;
    if (!carries(shape_.path, place) && !carries(shape_.body, place))
      table_.fail("path", fmt::format("lacks {{{}}}: put it where the id belongs (or in 'body')",
                                      of_event ? "event_id" : "reservation_id"));
  }

  void read_field(TomlTable& reply, std::string_view key, load::FieldPath& path, bool required) {
    const char* const form = "must be the dotted path of a JSON field, such as \"order.id\"";
    const auto text = reply.get<std::string>(key, form);
    if (text) path = at_key(reply, key, [&] { return load::parse_field_path(*text); });
    if (required && !text) reply.fail(key, fmt::format("is missing: it {}", form));
  }

  void read_reply() {
    auto reply = table_.table("reply");
    if (!reply) {
      if (f_ == Function::reserve || f_ == Function::read)
        table_.fail("reply", "is missing: a table that says which JSON field holds what");
      return;
    }
    load::ReplyFields& fields = shape_.reply;
    const bool read = f_ == Function::read;
    if (read)
      reply->expect_only({"available", "version", "total_tickets"});
    else
      reply->expect_only({"reservation_id", "user_id", "quantity", "status", "expires_at",
                          "available", "version"});
    read_field(*reply, "available", fields.available, read);
    read_field(*reply, "version", fields.version, false);
    if (read) {
      read_field(*reply, "total_tickets", fields.total_tickets, true);
    } else {
      read_field(*reply, "reservation_id", fields.reservation_id, f_ == Function::reserve);
      read_field(*reply, "user_id", fields.user_id, false);
      read_field(*reply, "quantity", fields.quantity, false);
      read_field(*reply, "status", fields.status, false);
      read_field(*reply, "expires_at", fields.expires_at, false);
    }
  }

  // 409, or { status = 409, code = "NO_SEATS" }.
  void read_rule(TomlTable& outcomes, std::string_view word, const toml::node& node) {
    load::OutcomeRule rule{0, "", load::meaning_named(f_, word).value()};
    const toml::node* status = &node;
    if (const toml::table* both = node.as_table()) {
      TomlTable table = outcomes.inner(*both);
      status = table.find("status");
      if (!status) table.fail("status", "is missing: it must be a status such as 409");
      if (const toml::node* code = table.find("code")) {
        rule.code = code_text(table, *code);
        if (!has_code_)
          table.fail("code",
                     "can never match: name the JSON field with the code, on top of the "
                     "file, such as code = \"error.code\"");
      }
      table.expect_nothing_more();
    }
    const auto http = status->value_exact<std::int64_t>();
    if (!http || *http < 200 || *http > 599)
      outcomes.fail_at(*status, word,
                       "must be a status from 200 to 599, { status = ..., code = ... }, or a list");
    rule.http = static_cast<int>(*http);
    for (const load::OutcomeRule& other : shape_.outcomes) {
      if (other.http == rule.http && other.code == rule.code)
        outcomes.fail_at(*status, word, fmt::format("has status {} twice in this table", *http));
    }
    shape_.outcomes.push_back(std::move(rule));
  }

  // Codes are numbers and truths elsewhere: they are compared as JSON writes them.
  static std::string code_text(const TomlTable& table, const toml::node& code) {
    if (const auto text = code.value_exact<std::string>(); text && !text->empty()) return *text;
    if (const auto number = code.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto truth = code.value_exact<bool>()) return *truth ? "true" : "false";
    table.fail("code", "must be a text, a whole number, true or false");
  }

  void read_outcomes() {
    const auto words = load::outcome_words(f_);
    auto outcomes = table_.table("outcomes");
    if (!outcomes)
      table_.fail("outcomes", fmt::format("is missing: a table that says which status means what, "
                                          "such as {} = 200",
                                          words.front()));
    outcomes->expect_only(words);
    for (const std::string_view word : words) {
      const auto rules = outcomes->one_or_more(word);
      if (rules.empty() && word == words.front())
        outcomes->fail(word, "is missing: it must be the status of a success");
      for (const toml::node* rule : rules) read_rule(*outcomes, word, *rule);
    }
  }

  TomlTable& table_;
  Function f_;
  bool has_code_;
  OperationShape shape_;
};

// A version that some replies leave out is a gap that nobody can fill: all of them, or none.
void expect_versions(TomlTable& root, const Adapter& adapter) {
  std::string with, without;
  for (const Function f : {Function::reserve, Function::cancel, Function::read}) {
    if (!adapter.of(f).offered) continue;
    std::string& names = adapter.of(f).reply.version.empty() ? without : with;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", properties::name_of(f));
  }
  if (with.empty() || without.empty()) return;
  root.fail(std::string_view(without).substr(0, without.find(',')),
            fmt::format("names no 'version' in its reply, though there is one of {}: name it in "
                        "all of reserve, cancel and read, or in none",
                        with));
}

}  // namespace

Adapter parse_adapter(std::string_view text, const std::string& where) {
  const toml::table parsed = parse_toml(text, where);
  TomlTable root(parsed, where);
  Adapter adapter;
  root.expect_only(
      {"authorization", "request_id", "code", "states", "reserve", "purchase", "cancel", "read"});
  adapter.headers = {"", "", ""};
  read_authorization(root, adapter.headers);
  read_request_id(root, adapter.headers);
  read_states(root, adapter);
  if (const auto code = root.get<std::string>("code", "must be the dotted path of a JSON field"))
    adapter.code = at_key(root, "code", [&] { return load::parse_field_path(*code); });
  for (const Function f :
       {Function::reserve, Function::purchase, Function::cancel, Function::read}) {
    auto table = root.table(properties::name_of(f));
    if (table) {
      adapter.of(f) = OperationReader(*table, f, !adapter.code.empty()).read();
    } else if (f == Function::reserve || f == Function::read) {
      root.fail(properties::name_of(f), "is missing: a table with method, path, reply, outcomes");
    } else {
      adapter.of(f).offered = false;
    }
  }
  expect_versions(root, adapter);
  const auto& reserves = adapter.of(Function::reserve).outcomes;
  const auto existing = load::meaning_named(Function::reserve, "existing").value();
  adapter.one_hold_per_user = std::ranges::any_of(
      reserves, [&](const load::OutcomeRule& rule) { return rule.means.http == existing.http; });
  return adapter;
}

Adapter load_adapter(const std::string& path) {
  if (path.empty()) return load::own_api();
  std::ifstream in(path);
  std::stringstream text;
  if (in && !std::filesystem::is_directory(path)) text << in.rdbuf();
  if (text.str().empty()) throw UsageError(fmt::format("--adapter: cannot read {}", path));
  return parse_adapter(text.str(), path);
}

void keep_adapter(const std::string& path, const std::filesystem::path& run_directory) {
  if (!path.empty()) write_file(run_directory / "adapter.toml", read_file(path));
}

}  // namespace boxoffice::harness
