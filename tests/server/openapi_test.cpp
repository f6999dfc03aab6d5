// openapi.json and the table of routes name the same operations, and who may call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>

#include "server/problem.hpp"
#include "server/routes.hpp"

namespace boxoffice::server {
namespace {

namespace json = boost::json;

json::value document() {
  std::ifstream file(BOXOFFICE_OPENAPI);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return json::parse(text);
}

std::string verb_of(Method method) {
  switch (method) {
    case Method::get:
      return "get";
    case Method::post:
      return "post";
    case Method::patch:
      return "patch";
    case Method::remove:
      return "delete";
    case Method::other:
      break;
  }
  return "";
}

TEST(OpenApi, NamesEveryRouteAndNoOther) {
  std::set<std::string> served, written;
  for (const Route& route : routes())
    served.insert(verb_of(route.method) + " " + std::string(route.pattern));
  const auto described = document();
  for (const auto& path : described.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      if (operation.key() != "parameters")
        written.insert(std::string(operation.key()) + " " + std::string(path.key()));
    }
  }
  EXPECT_EQ(served, written);
}

TEST(OpenApi, SaysWhereATokenIsNeeded) {
  const auto described = document();
  std::set<std::string> ids;
  for (const Route& route : routes()) {
    const auto& operation = described.at("paths").at(route.pattern).at(verb_of(route.method));
    const bool open = operation.at("security").as_array().empty();
    EXPECT_EQ(open, route.who == Who::anyone) << route.pattern;
    EXPECT_EQ(operation.at("responses").as_object().contains("401"),
              !open || route.pattern == "/api/login")
        << route.pattern;
    ids.insert(std::string(operation.at("operationId").as_string()));
  }
  EXPECT_EQ(ids.size(), routes().size()) << "each operation has an id of its own";
}

TEST(OpenApi, OnlyWhatReadsABodyRefusesOneOfAnotherType) {
  const auto described = document();
  for (const Route& route : routes()) {
    const auto& operation = described.at("paths").at(route.pattern).at(verb_of(route.method));
    EXPECT_EQ(operation.at("responses").as_object().contains("415"), route.method != Method::get)
        << verb_of(route.method) << ' ' << route.pattern;
  }
}

// A code that the document names exists, with that status; each that exists is named somewhere.
TEST(OpenApi, NamesTheCodesThatThereAre) {
  std::set<std::string> known = {"404 not_found", "405 method_not_allowed"};
  for (int code = 0; code <= static_cast<int>(ProblemCode::request_in_progress); ++code) {
    const ProblemKind& kind = kind_of(static_cast<ProblemCode>(code));
    known.insert(std::to_string(kind.status) + " " + std::string(kind.code));
  }
  std::set<std::string> named = {"404 not_found", "405 method_not_allowed"};
  const auto described = document();
  for (const auto& path : described.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      if (operation.key() == "parameters") continue;
      for (const auto& response : operation.value().at("responses").as_object()) {
        const auto* ref = response.value().as_object().if_contains("$ref");
        const json::value& said =
            ref ? described.at_pointer(ref->as_string().subview(1)) : response.value();
        std::string text(said.at("description").as_string());
        if (!text.starts_with("`code`: ")) continue;
        text = text.substr(8) + ", ";
        for (std::size_t at = 0, end = 0; (end = text.find(", ", at)) != std::string::npos;
             at = end + 2)
          named.insert(std::string(response.key()) + " " + text.substr(at, end - at));
      }
    }
  }
  EXPECT_EQ(named, known);
}

}  // namespace
}  // namespace boxoffice::server
