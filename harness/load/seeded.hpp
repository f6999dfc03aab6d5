// Seeded choice: the k-th decision of a connection is a pure function of (seed, connection, k).
//
// A generator that is advanced from reply to reply would make each choice depend on how many
// numbers the earlier ones consumed. So each decision starts a generator of its own, keyed by its
// place. A rerun with the same seed then asks for the same things, whatever the server answered
// before. Source: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
// 2014).
#pragma once

#include <cstdint>
#include <string>

namespace boxoffice::load {

class Seeded {
 public:
  Seeded(std::uint64_t seed, std::uint64_t connection, std::uint64_t decision)
      : state_(mix(seed + mix(connection + k_step * mix(decision + k_step)))) {}

  std::uint64_t next() {
    state_ += k_step;
    return mix(state_);
  }

  /// Uniform in [0, 1).
  double next_unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// Uniform in [0, bound), for bounds far below 2^64 (the bias is bound / 2^64). 0 for bound 0.
  std::uint64_t next_below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  static constexpr std::uint64_t k_step = 0x9e3779b97f4a7c15;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

/// Writes 128 random bits into `out` as a UUID of version 4, variant 1 (RFC 4122), 36 characters.
inline void write_uuid(Seeded& seeded, std::string& out) {
  constexpr char k_hex[] = "0123456789abcdef";
  const std::uint64_t high = (seeded.next() & ~std::uint64_t{0xf000}) | 0x4000;
  const std::uint64_t low = (seeded.next() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{1} << 63);
  out.resize(36);
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out[at++] = '-';
    const std::uint64_t half = nibble < 16 ? high : low;
    out[at++] = k_hex[(half >> (60 - 4 * (nibble % 16))) & 15];
  }
}

}  // namespace boxoffice::load
