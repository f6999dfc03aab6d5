// The certificate and the private key of the public port, and what TLS is spoken with them: 1.2 and
// 1.3, forward secrecy and authenticated ciphers only, HTTP/1.1 by ALPN.
//
// A context never changes. A certificate that is renewed makes a new context (TlsPort::reload), and
// connections keep the one that they began with. OpenSSL's types stay inside the .cpp files.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

struct ssl_ctx_st;

namespace boxoffice::server {

/// Paths of PEM files; both empty: no TLS.
struct TlsFiles {
  std::string certificate;  ///< the server's own first, then those between it and its authority
  std::string key;          ///< without a passphrase
};

class TlsContext {
 public:
  /// Reads both files. Throws ConfigurationError with one line: which file, and what is wrong with
  /// it; never anything that the key's file holds.
  explicit TlsContext(const TlsFiles& files);

  ssl_ctx_st* handle() const { return handle_.get(); }
  /// The certificate is valid until then.
  std::chrono::sys_seconds not_after() const { return not_after_; }

 private:
  std::shared_ptr<ssl_ctx_st> handle_;
  std::chrono::sys_seconds not_after_;
};

/// What is to be said of a certificate whose time is over, or will be within 14 days.
struct ExpiryNotice {
  bool expired;
  std::string text;  ///< "the certificate of FILE expires on 2026-12-01T00:00:00Z"
};
std::optional<ExpiryNotice> expiry_notice(const TlsContext& context, const TlsFiles& files);
/// For --check-config: reads both files and throws ConfigurationError, also where the time is over.
/// Returns the notice of one whose time will be over soon.
std::optional<std::string> check_certificate(const TlsFiles& files);

/// What an encrypted port serves new connections with, and what became of their handshakes.
class TlsPort {
 public:
  /// Throws as TlsContext does.
  explicit TlsPort(const TlsFiles& files);

  /// Reads the files again, for connections from now on. Throws ConfigurationError, also for a
  /// certificate whose time is over; then the old one stays in effect.
  void reload();
  /// Any thread.
  std::shared_ptr<const TlsContext> current() const;
  std::optional<ExpiryNotice> expiry_notice() const {
    return server::expiry_notice(*current(), files_);
  }

  std::atomic<std::int64_t> handshakes_done = 0;
  std::atomic<std::int64_t> handshakes_failed = 0;

 private:
  const TlsFiles files_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> current_;
};

}  // namespace boxoffice::server
