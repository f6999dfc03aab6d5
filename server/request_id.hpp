// Request ids: UUIDs, the client's own where it is one, else made here (version 4).
//
// The id is more than a line in a log: it is stored with the reservation, and the same user's
// request with the same id finds that reservation again. So ours must not repeat.
#pragma once

#include <string>
#include <string_view>

namespace boxoffice::server {

/// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text);
/// A random UUID, version 4, in place of what `out` held.
void assign_uuid(std::string& out);

}  // namespace boxoffice::server
