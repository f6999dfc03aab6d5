// What a client can do wrong, and what it is told: the status, the stable `code`, the media type of
// RFC 9457 and the request id, for each; and the server serves the next request.
#include <fmt/format.h>

#include <sstream>

#include "tests/e2e/contract.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

struct Mistake {
  const char* name;
  std::string bytes;  ///< TOKEN stands for a user's token
  int status;
  const char* code;
  bool authenticated = true;  ///< false: the reply must name the scheme
};

std::string reserve_with(const std::string& body, const std::string& header = {}) {
  return fmt::format(
      "POST /api/events/1/reserve HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n"
      "{}Content-Length: {}\r\n\r\n{}",
      header.empty() ? "Content-Type: application/json\r\n" : header, body.size(), body);
}

std::string bare(const std::string& method, const std::string& path,
                 const std::string& header = "Authorization: Bearer TOKEN\r\n") {
  return fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n{}Content-Length: 0\r\n\r\n", method, path,
                     header);
}

std::vector<Mistake> mistakes() {
  const std::string huge_body = R"({"quantity":1,"x":")" + std::string(200'000, 'x') + "\"}";
  const std::string huge_header = "X-Long: " + std::string(100'000, 'x') + "\r\n";
  const std::string two_63 = "9223372036854775808";
  return {
      {"MalformedJson", reserve_with(R"({"quantity":)"), 400, "malformed_request"},
      {"NotAnObject", reserve_with("[1]"), 400, "malformed_request"},
      {"NoUtf8", reserve_with("{\"quantity\":\"\xff\"}"), 400, "malformed_request"},
      {"UnknownField", reserve_with(R"({"count":1})"), 422, "validation_failed"},
      {"QuantityZero", reserve_with(R"({"quantity":0})"), 422, "validation_failed"},
      {"QuantityNegative", reserve_with(R"({"quantity":-1})"), 422, "validation_failed"},
      {"QuantityAFraction", reserve_with(R"({"quantity":1.5})"), 422, "validation_failed"},
      {"QuantityAText", reserve_with(R"({"quantity":"1"})"), 422, "validation_failed"},
      {"QuantityTwoTo63", reserve_with("{\"quantity\":" + two_63 + "}"), 422, "validation_failed"},
      {"WrongContentType", reserve_with("{}", "Content-Type: text/plain\r\n"), 415,
       "unsupported_media_type"},
      {"CompressedBody",
       reserve_with("{}", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"), 415,
       "unsupported_media_type"},
      {"OversizedBody", reserve_with(huge_body), 413, "content_too_large"},
      {"OversizedHeader", bare("GET", "/api/events", huge_header), 431, "header_fields_too_large"},
      {"WrongMethod", bare("PUT", "/api/events/1"), 405, "method_not_allowed"},
      {"UnknownPath", bare("GET", "/api/nothing"), 404, "not_found"},
      {"TrailingSlash", bare("GET", "/api/events/"), 404, "not_found"},
      {"EventIdNoNumber", bare("POST", "/api/events/one/reserve"), 404, "event_not_found"},
      {"EventIdTwoTo63", bare("POST", "/api/events/" + two_63 + "/reserve"), 404,
       "event_not_found"},
      {"EventIdNegative", bare("GET", "/api/events/-1"), 404, "event_not_found"},
      {"EventThatIsNotThere", bare("POST", "/api/events/999999/reserve"), 404, "event_not_found"},
      {"ReservationIdTwoTo63", bare("GET", "/api/reservations/" + two_63), 404,
       "reservation_not_found"},
      {"ReservationThatIsNotThere", bare("DELETE", "/api/reservations/999999"), 404,
       "reservation_not_found"},
      {"PageZero", bare("GET", "/api/events?page=0"), 422, "validation_failed"},
      {"PageTooLarge", bare("GET", "/api/events?per_page=101"), 422, "validation_failed"},
      {"UnknownParameter", bare("GET", "/api/events?pgae=1"), 422, "validation_failed"},
      {"UnknownStatus", bare("GET", "/api/reservations?status=lost"), 422, "validation_failed"},
      {"NoToken", bare("GET", "/api/reservations", ""), 401, "unauthenticated", false},
      {"WrongToken", bare("GET", "/api/reservations", "Authorization: Bearer 1|wrong\r\n"), 401,
       "unauthenticated", false},
      {"TokenOfNobody", bare("GET", "/api/reservations", "Authorization: Bearer 99999|wrong\r\n"),
       401, "unauthenticated", false},
      {"AnotherScheme", bare("GET", "/api/reservations", "Authorization: Basic YTpi\r\n"), 401,
       "unauthenticated", false},
  };
}

class Errors : public ServerTest {};

TEST_F(Errors, EachMistakeIsToldApart) {
  RunningServer server = serve();
  for (Mistake& mistake : mistakes()) {
    SCOPED_TRACE(mistake.name);
    if (const auto at = mistake.bytes.find("TOKEN"); at != std::string::npos) {
      mistake.bytes.replace(at, 5, tokens_[1]);
    }
    const Reply reply = server.client().send(mistake.bytes);
    std::istringstream line(mistake.bytes);
    std::string method, path;
    line >> method >> path;
    EXPECT_EQ("", breach_of_contract(method, path, reply));
    EXPECT_EQ(mistake.status, reply.status()) << reply.raw.body;
    ASSERT_TRUE(reply.body.is_object()) << reply.raw.body;
    EXPECT_EQ(mistake.code, reply.text("/code"));
    EXPECT_EQ(mistake.status, reply.number("/status"));
    EXPECT_EQ("none", reply.text("/effect"));
    EXPECT_EQ("application/problem+json", reply.header("content-type"));
    EXPECT_EQ(36U, reply.header("x-request-id").size());
    EXPECT_EQ(reply.header("x-request-id"), reply.text("/request_id"));
    EXPECT_EQ(mistake.authenticated ? "" : "Bearer", reply.header("www-authenticate"));
  }
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1).status()) << "the server is well";
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations")) << "and no mistake had an effect";
}

TEST_F(Errors, WrongMethodNamesTheRightOnes) {
  RunningServer server = serve();
  EXPECT_EQ("GET, HEAD, PATCH, DELETE",
            server.client().ask("PUT", "/api/events/1").header("allow"));
  EXPECT_EQ("POST", server.client().ask("GET", "/api/events/1/reserve").header("allow"));
  const std::string both = server.client().ask("PUT", "/api/reservations/1").header("allow");
  EXPECT_NE(std::string::npos, both.find("GET")) << both;
  EXPECT_NE(std::string::npos, both.find("DELETE")) << both;
}

TEST_F(Errors, EachWrongFieldIsNamed) {
  RunningServer server = serve();
  Client ann = server.client(tokens_[1]);
  const Reply reply = ann.ask("POST", "/api/events/1/reserve", R"({"quantity":0,"seat":"A1"})");
  ASSERT_EQ(422, reply.status());
  const auto& errors = reply.body.at("errors").as_object();
  EXPECT_TRUE(errors.contains("quantity"));
  EXPECT_TRUE(errors.contains("seat"));
}

}  // namespace
}  // namespace boxoffice::tests
