// A postgresql:// URL as what libpq connects with.
#pragma once

#include <string>

#include "strategies/database.hpp"

namespace boxoffice::strategies {

struct Conninfo {
  std::string text;           // keyword = 'value' pairs, session limits included
  std::string display;        // for logs, and can be read again: the URL without what is secret
  bool in_the_clear = false;  // see Database::in_the_clear()
  bool is_list = false;       // see Database::names_several()
};

/// Throws ConfigurationError for what libpq cannot read.
Conninfo read_postgresql_url(const std::string& url, const SessionLimits& limits);

}  // namespace boxoffice::strategies
