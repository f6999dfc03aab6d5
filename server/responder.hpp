// What sessions talk to. The Application is one; tests of the network put their own in its place.
//
// begin() does what needs no waiting, on the I/O thread, and often has the reply: an error, a
// probe. Otherwise proceed() sends the call on, and Call::resume() says that the reply is there.
#pragma once

#include "server/call.hpp"

namespace boxoffice::server {

/// Which port serves a route; both where there is one port only.
enum class Scope { api, operations, both };

class Responder {
 public:
  virtual ~Responder() = default;
  /// True where call.reply is complete. Else proceed() must be called with it next.
  virtual bool begin(Call& call, Scope port) = 0;
  virtual void proceed(Call& call) = 0;
  /// The reply is complete and about to be sent; also where it was the session that made it.
  virtual void answered(const Call&) {}
};

}  // namespace boxoffice::server
