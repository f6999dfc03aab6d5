// Who may ask how often: users by their token, everybody else by their address, and logins by the
// account that is tried.
#pragma once

#include "server/client_address.hpp"
#include "server/rate_limiter.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

struct RateLimits {
  std::int64_t user_per_minute = 60;     ///< 0: no limit, as for the others
  std::int64_t address_per_minute = 20;  ///< of requests without a token, or with a wrong one
  std::int64_t logins_per_minute = 5;    ///< failed ones, of one account from one address
  TrustedProxies trusted_proxies = {};
};

/// Failed logins: a password is guessed by asking often, so only failures count.
class LoginThrottle {
 public:
  explicit LoginThrottle(std::int64_t failures_per_minute)
      : limiter_(failures_per_minute, std::chrono::minutes(1)) {}
  Allowance allowance(const std::string& email, const std::string& address, Clock::time_point now) {
    return limiter_.look(key_of(email, address), now);
  }
  void failed(const std::string& email, const std::string& address, Clock::time_point now) {
    limiter_.take(key_of(email, address), now);
  }
  void set_limit(std::int64_t limit) { limiter_.set_limit(limit); }

 private:
  static std::string key_of(const std::string& email, const std::string& address) {
    return email + ' ' + address;  // no address has a blank, and no e-mail that is taken
  }
  RateLimiter limiter_;
};

class Limits {
 public:
  explicit Limits(const RateLimits& limits)
      : users_(limits.user_per_minute, std::chrono::minutes(1)),
        addresses_(limits.address_per_minute, std::chrono::minutes(1)),
        trusted_(limits.trusted_proxies) {}

  Allowance take_user(strategies::UserId user, Clock::time_point now) {
    return users_.take(std::to_string(user.value), now);
  }
  Allowance take_address(const std::string& address, Clock::time_point now) {
    return addresses_.take(address, now);
  }
  std::string client_of(std::string_view peer, std::string_view forwarded_for) const {
    return client_address(peer, forwarded_for, trusted_);
  }
  /// Of those, the numbers; the proxies stay.
  void change(const RateLimits& limits) {
    users_.set_limit(limits.user_per_minute);
    addresses_.set_limit(limits.address_per_minute);
  }

 private:
  RateLimiter users_, addresses_;
  const TrustedProxies trusted_;
};

}  // namespace boxoffice::server
