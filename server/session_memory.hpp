// What is done with a session's memory between two requests: secrets are overwritten, and an idle
// connection holds little.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <string>

#include "server/call.hpp"

namespace boxoffice::server {

/// So much is read from a connection at once.
inline constexpr std::size_t k_read_bytes = 4096;

/// What is not there cannot be in a core dump: of a call that had a secret, all that was made of
/// it. What is unread in `in` stays.
void wipe_secrets(Call& call, boost::beast::flat_buffer& in, std::string& out);

/// A connection that had a large request once, or a large reply, does not hold on to it.
void give_back_memory(Call& call, boost::beast::flat_buffer& in, std::string& out);

}  // namespace boxoffice::server
