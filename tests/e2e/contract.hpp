// The contract: what openapi.json says of a reply. Every reply that an end-to-end test's client
// gets is held against it, so that the document cannot drift from the server.
#pragma once

#include <string>

namespace boxoffice::tests {

struct Reply;

/// What the reply breaks; empty: nothing. `path` with or without its query. HEAD counts as GET.
std::string breach_of_contract(const std::string& method, const std::string& path,
                               const Reply& reply);

}  // namespace boxoffice::tests
