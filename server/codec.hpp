// The JSON of successful replies. The harness depends on these shapes; tests/e2e/contract.cpp pins
// them.
#pragma once

#include <string>

#include "server/tokens.hpp"
#include "strategies/accounts.hpp"
#include "strategies/administration.hpp"

namespace boxoffice::server {

/// `{"reservation":{...},"event":{"id","available_tickets","version"}}`
void write_reservation(std::string& out, const strategies::Reservation& reservation,
                       const strategies::EventNumbers& event);
/// `{"reservation":{...}}`
void write_reservation(std::string& out, const strategies::Reservation& reservation);
/// For ETag: "revision.version" in quotes.
std::string etag_of(const strategies::Event& event);
/// `{"event":{...}}`
void write_event(std::string& out, const strategies::Event& event);
/// `{"data":[...],"page","per_page","total"}`
void write_events(std::string& out, const strategies::Listing<strategies::Event>& events,
                  const strategies::Page& page);
void write_reservations(std::string& out,
                        const strategies::Listing<strategies::Reservation>& reservations,
                        const strategies::Page& page);

/// `{"user":{...}}`, and `"token":"id|plaintext"` where there is one to show, once.
void write_user(std::string& out, const strategies::User& user, std::string_view token = {});
/// `{"data":[...]}`; no plaintext: nobody has it any more.
void write_tokens(std::string& out, const std::vector<strategies::IssuedToken>& tokens);
void write_statistics(std::string& out, const strategies::EventStatistics& statistics);
void write_invariants(std::string& out, const strategies::Invariants& invariants);

}  // namespace boxoffice::server
