// A reply as HTTP/1.1 text, status line to body, in one string: one write for each reply.
#pragma once

#include <string>

#include "server/reply.hpp"
#include "server/request.hpp"

namespace boxoffice::server {

/// keep_said: an HTTP/1.0 client, which closes unless it is told.
enum class Persistence { keep, keep_said, close };

void write_reply_text(std::string& out, const Reply& reply, const Request& request,
                      Persistence persistence);

}  // namespace boxoffice::server
