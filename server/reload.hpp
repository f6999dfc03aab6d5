// SIGHUP: the configuration is read again from where it came from, and what may change while the
// server runs takes effect. A setting says itself whether it may (Setting::reloadable). Where the
// certificate is found does not change, but what is found there may.
#pragma once

#include "server/configuration.hpp"

namespace boxoffice::server {

/// Logs what changed, and what would change at a restart. A configuration with a mistake changes
/// nothing: the log says so, and `current` stays in effect.
void reload(Configuration& current);

/// The files of the certificate and its key, read again for new connections. The log says so, or
/// what is wrong with them; then the old certificate stays in effect.
void reload_certificate(TlsPort& tls);
/// Logs that the certificate in effect ends soon or has ended. It is served all the same: a
/// balancer may not mind, and whoever does is refused either way.
void warn_of_expiry(const TlsPort& tls);

}  // namespace boxoffice::server
