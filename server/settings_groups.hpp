// The groups of settings that have files of their own; settings.cpp makes the tables of them.
#pragma once

#include <cstdint>
#include <vector>

#include "server/setting.hpp"

namespace boxoffice::server {

using SettingList = std::vector<Setting>;

inline constexpr std::int64_t k_least_timeout_us = 1000;

/// Where the database is.
void add_database(SettingList&);
/// Listening, TLS, and what a connection may take.
void add_network(SettingList&);
/// Reads that need not be of this moment: from memory, from a replica.
void add_reads(SettingList&);
/// Who may ask how often, and the tokens that they ask with.
void add_limits(SettingList&);

}  // namespace boxoffice::server
