// Nobody may choose the address that his requests are counted by.
#include "server/client_address.hpp"

#include <gtest/gtest.h>

namespace boxoffice::server {
namespace {

const TrustedProxies k_proxies = *TrustedProxies::parse("127.0.0.1, 10.0.0.0/8,fd00::/8");

TEST(ClientAddress, WithoutAProxyTheHeaderIsNobodysWord) {
  EXPECT_EQ(client_address("203.0.113.7", "1.2.3.4", k_proxies), "203.0.113.7");
  EXPECT_EQ(client_address("127.0.0.1", "1.2.3.4", {}), "127.0.0.1");
}

TEST(ClientAddress, TheLastOneThatAProxyOfOursSaw) {
  EXPECT_EQ(client_address("10.1.2.3", "203.0.113.7", k_proxies), "203.0.113.7");
  EXPECT_EQ(client_address("127.0.0.1", "203.0.113.7, 10.9.9.9", k_proxies), "203.0.113.7");
  EXPECT_EQ(client_address("10.1.2.3", "1.2.3.4, 203.0.113.7", k_proxies), "203.0.113.7")
      << "what stands left of it was sent by the client";
  EXPECT_EQ(client_address("10.1.2.3", "", k_proxies), "10.1.2.3");
}

TEST(ClientAddress, WhatIsNoAddressMakesNobodyElseGuilty) {
  for (const char* forged : {"unknown", "1.2.3", "203.0.113.7, ", "203.0.113.7:80", "<script>"})
    EXPECT_EQ(client_address("10.1.2.3", forged, k_proxies), "10.1.2.3") << forged;
}

TEST(ClientAddress, AnIpv6SubscriberIsANetwork) {
  EXPECT_EQ(client_address("2001:db8:1:2:3:4:5:6", "", {}), "2001:db8:1:2::/64");
  EXPECT_EQ(client_address("fd00::1", "2001:db8:1:2::9", k_proxies), "2001:db8:1:2::/64");
  EXPECT_EQ(client_address("::ffff:10.0.0.1", "203.0.113.7", k_proxies), "203.0.113.7")
      << "IPv4 in IPv6's clothes";
}

TEST(TrustedProxies, NetworksEndWhereTheirBitsSay) {
  const auto odd = *TrustedProxies::parse("192.168.4.0/22");
  EXPECT_TRUE(odd.contains("192.168.7.255"));
  EXPECT_FALSE(odd.contains("192.168.8.0"));
  EXPECT_FALSE(odd.contains("::1"));
  EXPECT_TRUE(TrustedProxies::parse("0.0.0.0/0")->contains("8.8.8.8"));
  EXPECT_TRUE(TrustedProxies::parse("")->empty());
  for (const char* wrong : {"10.0.0.0/33", "10.0.0/8", "proxy.example", "10.0.0.0/", ",", "::/129"})
    EXPECT_FALSE(TrustedProxies::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace boxoffice::server
