// Whose request is it, where proxies stand in between?
//
// Each proxy appends the address that it saw to X-Forwarded-For. What stands left of the first
// address that we do not trust may have been written by anybody: so the list is read from the
// right, over the proxies that we know, and the first other one is the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::server {

/// Addresses and networks: "10.0.0.0/8", "fd00::/8", "127.0.0.1".
class TrustedProxies {
 public:
  /// Separated by commas; nothing where one of them is neither.
  static std::optional<TrustedProxies> parse(std::string_view list);
  bool contains(std::string_view address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    std::string bytes;  // 4 or 16
    unsigned bits;
  };
  std::vector<Network> networks_;
};

/// The client of a request that came from `peer`. A header that cannot be read is nobody's word:
/// then it is the peer. An IPv6 address counts as its /64, which is what one subscriber has.
std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const TrustedProxies& trusted);

}  // namespace boxoffice::server
