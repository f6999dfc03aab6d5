// Settings of rate limits, trusted proxies and tokens. See settings.cpp.
#include "server/settings_groups.hpp"

namespace boxoffice::server {
namespace {

Setting trusted_proxies() {
  auto proxies = text_setting(
      "trusted_proxies", "X-Forwarded-For is believed: 10.0.0.0/8,fd00::/8",
      [](auto& c) -> auto& { return c.trusted_proxies; });
  proxies.take = [](Configuration& c, const std::string& text) {
    const auto parsed = TrustedProxies::parse(text);
    if (!parsed) return false;
    c.trusted_proxies = text;
    c.limits.trusted_proxies = *parsed;
    return true;
  };
  proxies.form = "a list of addresses and networks, with commas";
  return proxies;
}

}  // namespace

void add_limits(SettingList& list) {
  const auto limit = [&list](const char* key, const char* help, auto of) {
    list.push_back(count_setting(key, help, 0, 1'000'000'000, of));
    list.back().reloadable = true;
  };
  limit(
      "rate_limit_user", "requests a minute of one user; 0: no limit",
      [](auto& c) -> auto& { return c.limits.user_per_minute; });
  limit(
      "rate_limit_address", "the same of one address without a token; 0: no limit",
      [](auto& c) -> auto& { return c.limits.address_per_minute; });
  limit(
      "rate_limit_logins", "failed logins a minute of one account; 0: no limit",
      [](auto& c) -> auto& { return c.limits.logins_per_minute; });
  list.push_back(trusted_proxies());
  list.push_back(duration_setting(
      "token_lifetime", "of the token that a login gives; 0: without end", 0,
      [](auto& c) -> auto& { return c.token_lifetime; }));
  list.push_back(duration_setting(
      "token_use_interval", "how often last_used_at is written; 0: never", 0,
      [](auto& c) -> auto& { return c.token_use_interval; }));
  list.push_back(count_setting(
      "password_threads", "for logins: 64 MiB and a connection each", 1, 64,
      [](auto& c) -> auto& { return c.password_threads; }));
}

}  // namespace boxoffice::server
