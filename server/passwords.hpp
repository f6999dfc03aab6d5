// Passwords and tokens: Argon2id for what people choose (RFC 9106, through libsodium), SHA-256 for
// what we draw ourselves. Slow on purpose, and memory too: never on an I/O thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace boxoffice::server {

/// "$argon2id$v=19$...", with its own salt and cost. Throws std::bad_alloc where the memory that it
/// costs (64 MiB) is not there.
std::string hash_password(std::string_view password);

/// Takes as long for a hash that is none (of a seeded user, or of nobody) as for one that is: from
/// the time it takes nobody learns which addresses exist.
bool is_password(std::string_view password, const std::string& hash);

/// Overwrites what was secret before its memory is given back.
void wipe(std::string& secret);
void wipe(void* bytes, std::size_t size);
/// Overwrites what the functions that were called before have left on this thread's stack.
void wipe_stack();

/// A token as it is shown once, without its id, and as it is stored.
struct DrawnToken {
  std::string plaintext;   ///< 48 characters out of 64: 288 random bits
  std::string sha256_hex;  ///< of the plaintext
};
DrawnToken draw_token();

std::string sha256_hex(std::string_view text);

}  // namespace boxoffice::server
