// Who may ask how often: users by their token, everybody else by their address, and logins by the
// account that is tried.
#pragma once

#include <string>
#include <utility>

#include "server/client_address.hpp"
#include "server/rate_limiter.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

struct RateLimits {
  std::int64_t user_per_minute = 60;     ///< 0: no limit, as for the others
  std::int64_t address_per_minute = 20;  ///< of requests without a token that is known to be good
  std::int64_t logins_per_minute = 5;    ///< failed ones, of one account from one address
  TrustedProxies trusted_proxies = {};
};

/// One login under way. It is counted from its beginning, or those at the same time would all be
/// let in; unless it failed, it is given back at its end, whatever that was.
class LoginAttempt {
 public:
  LoginAttempt() = default;
  LoginAttempt(RateLimiter& limiter, std::string key, Clock::time_point window_end)
      : limiter_(&limiter), key_(std::move(key)), window_end_(window_end) {}
  LoginAttempt(const LoginAttempt&) = delete;
  LoginAttempt& operator=(const LoginAttempt&) = delete;
  LoginAttempt& operator=(LoginAttempt&& other) noexcept {
    give_back();
    limiter_ = std::exchange(other.limiter_, nullptr);
    key_ = std::move(other.key_);
    window_end_ = other.window_end_;
    return *this;
  }
  ~LoginAttempt() { give_back(); }

  /// It stays counted.
  void failed() { limiter_ = nullptr; }
  void give_back() {
    if (auto* limiter = std::exchange(limiter_, nullptr)) limiter->give_back(key_, window_end_);
  }

 private:
  RateLimiter* limiter_ = nullptr;
  std::string key_;
  Clock::time_point window_end_;
};

/// Failed logins: a password is guessed by asking often, so only failures count. Outlives the
/// attempts.
class LoginThrottle {
 public:
  explicit LoginThrottle(std::int64_t failures_per_minute)
      : limiter_(failures_per_minute, std::chrono::minutes(1)) {}
  /// Where it is allowed, `attempt` is this one.
  Allowance begin(const std::string& email, const std::string& address, Clock::time_point now,
                  LoginAttempt& attempt) {
    std::string key = email + ' ' + address;  // no address has a blank, and no e-mail that is taken
    const Allowance allowance = limiter_.take(key, now);
    if (allowance.allowed) {
      attempt = LoginAttempt(limiter_, std::move(key), allowance.window_end);
    }
    return allowance;
  }
  void set_limit(std::int64_t limit) { limiter_.set_limit(limit); }

 private:
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
