// See contract.hpp. A reply's schema is the document itself with a $ref beside it, so that the
// schemas' own references resolve; each is compiled once.
#include "tests/e2e/contract.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tests/e2e/program.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

namespace json = boost::json;

const json::value& document() {
  static const json::value parsed = json::parse(text_of(BOXOFFICE_OPENAPI));
  return parsed;
}

/// "/api/events/7/reserve" -> "/api/events/{id}/reserve"; empty where no path has that form.
std::string pattern_of(std::string path) {
  path.resize(std::min(path.find('?'), path.size()));
  const auto segments = [](const std::string& text) {
    std::vector<std::string> list(1);
    for (const char c : text) {
      if (c == '/') {
        list.emplace_back();
      } else {
        list.back() += c;
      }
    }
    return list;
  };
  const auto wanted = segments(path);
  for (const auto& entry : document().at("paths").as_object()) {
    const auto known = segments(entry.key());
    const bool same = std::ranges::equal(wanted, known, [](const auto& given, const auto& segment) {
      return segment == "{id}" ? !given.empty() : segment == given;
    });
    if (same) return entry.key();
  }
  return "";
}

const json::object* operation(const std::string& pattern, std::string method) {
  if (method == "HEAD") method = "GET";
  for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto* found = document().at("paths").at(pattern).as_object().if_contains(method);
  return found == nullptr ? nullptr : &found->as_object();
}

const valijson::Schema& compiled(const std::string& ref) {
  static std::map<std::string, valijson::Schema> schemas;
  const auto [found, fresh] = schemas.try_emplace(ref);
  if (fresh) {
    const json::value root = {{"$ref", ref}, {"components", document().at("components")}};
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(root), found->second);
  }
  return found->second;
}

std::string mismatch(const json::value& body, const std::string& ref) {
  static std::mutex mutex;  // clients of a test may run in threads
  const std::lock_guard lock(mutex);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::BoostJsonAdapter target(body);
  if (validator.validate(compiled(ref), target, &results)) return "";
  std::string text = "is not as " + ref + " says:";
  for (const auto& error : results) {
    for (const auto& place : error.context) text += " " + place;
    text += " " + error.description + ";";
  }
  return text;
}

/// The codes that the document names for a status: "`code`: a, b".
bool names_code(const json::object& response, const std::string& code) {
  const std::string described = " " + std::string(response.at("description").as_string()) + ",";
  return described.find(" " + code + ",") != std::string::npos;
}

std::string check_documented(const json::object& response, const std::string& method,
                             const Reply& reply) {
  const auto* content = response.if_contains("content");
  const std::string type = reply.header("content-type");
  if (content == nullptr) return reply.raw.body.empty() ? "" : "has a body, documented is none";
  const auto& media = content->as_object();
  const auto* schema = media.if_contains(type.substr(0, type.find(';')));
  if (schema == nullptr) return "has the undocumented type " + type;
  if (method == "HEAD") return "";
  if (type == "application/problem+json" && !names_code(response, reply.text("/code")))
    return "has the code " + reply.text("/code") + ", which is not documented for it";
  const auto* ref = schema->as_object().at("schema").as_object().if_contains("$ref");
  return ref == nullptr ? "" : mismatch(reply.body, std::string(ref->as_string()));
}

/// What stands behind a response that is shared.
const json::object& resolved(const json::value& response) {
  const auto* ref = response.as_object().if_contains("$ref");
  return ref == nullptr ? response.as_object()
                        : document().at_pointer(ref->as_string().subview(1)).as_object();
}

std::string check(const std::string& method, const std::string& path, const Reply& reply) {
  if (reply.header("x-request-id").empty()) return "has no X-Request-Id";
  const std::string pattern = pattern_of(path);
  const json::object* found = pattern.empty() ? nullptr : operation(pattern, method);
  if (found == nullptr) {
    const bool framing = reply.status() == 400 || reply.status() == 503 || reply.status() == 413 ||
                         reply.status() == 431;
    return framing || reply.status() == (pattern.empty() ? 404 : 405) ? "" : "is not documented";
  }
  const auto& responses = found->at("responses").as_object();
  const auto* response = responses.if_contains(std::to_string(reply.status()));
  // With a port of their own for operations either port answers 404 for the other's paths.
  if (response == nullptr)
    return reply.status() == 404 && reply.text("/code") == "not_found" ? "" : "is not documented";
  return check_documented(resolved(*response), method, reply);
}

}  // namespace

std::string breach_of_contract(const std::string& method, const std::string& path,
                               const Reply& reply) {
  const bool of_a_balancer = reply.status() == 502 || reply.status() == 504;
  if (reply.status() == 0 || of_a_balancer) return "";
  const std::string what = check(method, path, reply);
  if (what.empty()) return "";
  return fmt::format("{} {} -> {} {}\n{}", method, path, reply.status(), what, reply.raw.body);
}

}  // namespace boxoffice::tests
