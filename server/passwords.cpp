// See passwords.hpp. The cost is libsodium's "interactive": 64 MiB and some tens of milliseconds.
#include "server/passwords.hpp"

#include <sodium.h>

#include <array>
#include <new>
#include <vector>

namespace boxoffice::server {
namespace {

constexpr std::size_t k_token_bytes = 36;

/// Of a password that nobody has: what an unknown address is compared with.
const std::string& nobodys_hash() {
  static const std::string hash = hash_password(draw_token().plaintext);
  return hash;
}

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  std::string hex(size * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes, size);
  hex.pop_back();
  return hex;
}

}  // namespace

std::string hash_password(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw std::bad_alloc();
  }
  return text.data();
}

bool is_password(std::string_view password, const std::string& hash) {
  const bool usable = hash.starts_with(crypto_pwhash_STRPREFIX);
  const std::string& compared = usable ? hash : nobodys_hash();
  const bool same =
      crypto_pwhash_str_verify(compared.c_str(), password.data(), password.size()) == 0;
  return usable && same;
}

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

void wipe(void* bytes, std::size_t size) {
  sodium_memzero(bytes, size);
}

void wipe_stack() {
  constexpr std::size_t k_bytes = 32 * 1024;  // a parser's frames: Boost.JSON has 4 KiB in one
  sodium_stackzero(k_bytes);
}

DrawnToken draw_token() {
  std::array<unsigned char, k_token_bytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string text(
      sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminating zero
  std::string hash = sha256_hex(text);
  return {std::move(text), std::move(hash)};
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return hex_of(digest.data(), digest.size());
}

}  // namespace boxoffice::server
