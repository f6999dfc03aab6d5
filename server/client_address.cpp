// See client_address.hpp.
#include "server/client_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "server/units.hpp"

namespace boxoffice::server {
namespace {

namespace ip = boost::asio::ip;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The address in network order; an IPv4 one in IPv6's clothes is IPv4. Empty: it is none.
std::string bytes_of(std::string_view text) {
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  const auto text_of = [](const auto& bytes) { return std::string(bytes.begin(), bytes.end()); };
  return address.is_v4() ? text_of(address.to_v4().to_bytes())
                         : text_of(address.to_v6().to_bytes());
}

bool bit(const std::string& bytes, unsigned at) {
  return ((static_cast<unsigned char>(bytes[at / 8]) >> (7 - at % 8)) & 1) != 0;
}

/// As a key that counts requests.
std::string as_subscriber(std::string_view text) {
  std::string bytes = bytes_of(text);
  if (bytes.size() != 16) return std::string(text);
  ip::address_v6::bytes_type raw{};
  std::copy_n(bytes.begin(), 8, raw.begin());
  return ip::address_v6(raw).to_string() + "/64";
}

}  // namespace

std::optional<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies proxies;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto item = trimmed(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    const auto slash = item.find('/');
    Network network{bytes_of(item.substr(0, slash)), 0};
    const auto most = static_cast<std::int64_t>(network.bytes.size() * 8);
    const auto bits = slash == std::string_view::npos ? std::optional(most)
                                                      : parse_digits(item.substr(slash + 1));
    if (network.bytes.empty() || !bits || *bits > most) return std::nullopt;
    network.bits = static_cast<unsigned>(*bits);
    proxies.networks_.push_back(std::move(network));
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
  const std::string bytes = bytes_of(address);
  return std::ranges::any_of(networks_, [&](const Network& network) {
    if (bytes.size() != network.bytes.size()) return false;
    for (unsigned at = 0; at < network.bits; ++at) {
      if (bit(bytes, at) != bit(network.bytes, at)) return false;
    }
    return true;
  });
}

std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const TrustedProxies& trusted) {
  std::string_view client = peer;
  while (trusted.contains(client) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const auto next =
        trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for =
        comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    if (bytes_of(next).empty()) return as_subscriber(peer);
    client = next;
  }
  return as_subscriber(client);
}

}  // namespace boxoffice::server
