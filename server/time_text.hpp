// Times as RFC 3339 writes them, from a client's text.
#pragma once

#include <optional>
#include <string_view>

#include "strategies/types.hpp"

namespace boxoffice::server {

/// `2026-01-31T12:00:00[.123456](Z|+01:00)`, in the years 1000 to 9998, which every engine stores.
/// Nothing where the text is another or names no moment. A leap second is none here.
std::optional<strategies::Timestamp> parse_time(std::string_view text);

}  // namespace boxoffice::server
