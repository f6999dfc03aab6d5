// Any bytes as a body, as a query and as a header: every reader takes them or refuses them, and
// what is refused is told as JSON that can be read.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "server/client_address.hpp"
#include "server/problem.hpp"
#include "server/tokens.hpp"
#include "server/validation.hpp"

namespace {

using namespace boxoffice::server;

void check(const std::optional<Invalid>& invalid) {
  if (!invalid) return;
  Reply reply;
  write_problem(reply, invalid->code, "00000000-0000-0000-0000-000000000000",
                {.detail = invalid->detail, .errors = invalid->errors});
  boost::system::error_code error;
  boost::json::parse(reply.body, error);
  if (error) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Request request;
  request.body = text;
  for (auto* read :
       {&read_reserve_body, &read_registration, &read_login, &read_event_edit, &read_new_event}) {
    Inputs inputs;
    check(read(request, inputs));
  }
  check(read_empty_body(request));
  request.query = text;
  for (auto* read : {&read_events_query, &read_reservations_query}) {
    Inputs inputs;
    check(read(request, inputs));
  }
  request.if_match = text;
  if (read_if_match(request).value_or(0) < k_no_revision) std::abort();
  if (const auto credential = parse_bearer(text); credential && credential->id.value <= 0)
    std::abort();
  const auto trusted = *TrustedProxies::parse("10.0.0.0/8");
  if (client_address("203.0.113.7", text, trusted) != "203.0.113.7") std::abort();
  client_address("10.0.0.1", text, trusted);
  TrustedProxies::parse(text);
  return 0;
}
