// The table of all settings, in the order in which --help and --print-config list them.
#pragma once

#include <span>

#include "server/setting.hpp"

namespace boxoffice::server {

/// The database: what every command needs.
std::span<const Setting> database_settings();
/// Of the server, the database's among them.
std::span<const Setting> server_settings();
/// Of `seed`: flags and environment only.
std::span<const Setting> seed_settings();

const Setting* find_setting(std::span<const Setting> settings, std::string_view key);

}  // namespace boxoffice::server
