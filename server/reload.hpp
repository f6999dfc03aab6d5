// SIGHUP: the configuration is read again from where it came from, and what may change while the
// server runs takes effect. A setting says itself whether it may (Setting::reloadable).
#pragma once

#include "server/configuration.hpp"

namespace boxoffice::server {

/// Logs what changed, and what would change at a restart. A configuration with a mistake changes
/// nothing: the log says so, and `current` stays in effect.
void reload(Configuration& current);

}  // namespace boxoffice::server
