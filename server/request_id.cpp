// Random bytes come from libsodium a block at a time: a system call for each request would be the
// dearest part of a small reply.
#include "server/request_id.hpp"

#include <sodium.h>

#include <array>
#include <cstring>

namespace boxoffice::server {
namespace {

constexpr std::size_t k_uuid_chars = 36;

bool is_dash_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::array<unsigned char, 16> random_bytes() {
  thread_local std::array<unsigned char, 4096> block;
  thread_local std::size_t used = block.size();
  if (used == block.size()) {
    randombytes_buf(block.data(), block.size());
    used = 0;
  }
  std::array<unsigned char, 16> bytes;
  std::memcpy(bytes.data(), block.data() + used, bytes.size());
  used += bytes.size();
  return bytes;
}

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != k_uuid_chars) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_place(i) ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

void assign_uuid(std::string& out) {
  static constexpr char k_hex[] = "0123456789abcdef";
  auto bytes = random_bytes();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  out.clear();
  for (const auto byte : bytes) {
    if (is_dash_place(out.size())) out += '-';
    out += k_hex[byte >> 4];
    out += k_hex[byte & 15];
  }
}

}  // namespace boxoffice::server
