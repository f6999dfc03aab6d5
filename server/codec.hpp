// The JSON of successful replies. The harness depends on these shapes; tests/contract pins them.
#pragma once

#include <string>

#include "strategies/catalogue.hpp"

namespace boxoffice::server {

/// `{"reservation":{...},"event":{"id","available_tickets","version"}}`
void write_reservation(std::string& out, const strategies::Reservation& reservation,
                       const strategies::EventNumbers& event);
/// `{"reservation":{...}}`
void write_reservation(std::string& out, const strategies::Reservation& reservation);
/// `{"event":{...}}`
void write_event(std::string& out, const strategies::Event& event);
/// `{"data":[...],"page","per_page","total"}`
void write_events(std::string& out, const strategies::Listing<strategies::Event>& events,
                  const strategies::Page& page);
void write_reservations(std::string& out,
                        const strategies::Listing<strategies::Reservation>& reservations,
                        const strategies::Page& page);

}  // namespace boxoffice::server
