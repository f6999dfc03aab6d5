// See tls_context.hpp. Sessions resume by tickets only: a cache would be one more lock that all I/O
// threads share. Renegotiation is off, since it lets a client buy handshakes with a few bytes.
#include "server/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

using strategies::ConfigurationError;

constexpr auto k_notice = std::chrono::days(14);
// Of TLS 1.2; those of 1.3 are all sound. Mozilla's "intermediate" list without the finite-field
// exchange, whose parameters would have to be made and kept.
constexpr const char* k_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char k_alpn[] = "\x08http/1.1";

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

/// What OpenSSL stumbled over first, and nothing left of it for whoever asks next.
std::string openssl_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

using File = std::unique_ptr<std::FILE, Close>;

File open_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "re"));
  if (!file) throw ConfigurationError(fmt::format("cannot read {}: {}", path, strerror(errno)));
  return file;
}

/// For keys with a passphrase: nobody is there to type it.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::unique_ptr<EVP_PKEY, Close> read_key(const std::string& path) {
  const File file = open_file(path);
  std::unique_ptr<EVP_PKEY, Close> key(
      PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr));
  if (key) return key;
  throw ConfigurationError(fmt::format(
      "{} holds no private key in PEM form without a passphrase ({})", path, openssl_reason()));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  const bool found =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), length, k_alpn, sizeof k_alpn - 1,
                            offered, offered_length) == OPENSSL_NPN_NEGOTIATED;
  return found ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, 3.2
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, k_ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // An idle connection keeps no buffers; a write may be tried again from another place in memory.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

void read_certificate(SSL_CTX* context, const TlsFiles& files) {
  open_file(
      files.certificate);  // OpenSSL's message for a file that is not there is two errors long
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    throw ConfigurationError(
        fmt::format("{} holds no certificate in PEM form that can be used ({})", files.certificate,
                    openssl_reason()));
  }
  const auto key = read_key(files.key);
  X509* const certificate = SSL_CTX_get0_certificate(context);
  if (X509_check_private_key(certificate, key.get()) != 1) {
    ERR_clear_error();
    throw ConfigurationError(fmt::format("the key of {} does not belong to the certificate of {}",
                                         files.key, files.certificate));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    throw ConfigurationError(
        fmt::format("the key of {} cannot be used ({})", files.key, openssl_reason()));
  }
}

std::chrono::sys_seconds not_after_of(X509* certificate) {
  std::tm time{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time);
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&time)));
}

std::string to_text(std::chrono::sys_seconds time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files)
    : handle_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  if (!handle_) throw std::bad_alloc();
  set_rules(handle_.get());
  read_certificate(handle_.get(), files);
  not_after_ = not_after_of(SSL_CTX_get0_certificate(handle_.get()));
}

std::optional<ExpiryNotice> expiry_notice(const TlsContext& context, const TlsFiles& files) {
  const auto now = std::chrono::system_clock::now();
  if (now + k_notice < context.not_after()) return std::nullopt;
  const bool expired = context.not_after() <= now;
  return ExpiryNotice{expired,
                      fmt::format("the certificate of {} {} on {}", files.certificate,
                                  expired ? "expired" : "expires", to_text(context.not_after()))};
}

std::optional<std::string> check_certificate(const TlsFiles& files) {
  const auto notice = expiry_notice(TlsContext(files), files);
  if (!notice) return std::nullopt;
  if (notice->expired) throw ConfigurationError(notice->text);
  return notice->text;
}

TlsPort::TlsPort(const TlsFiles& files)
    : files_(files), current_(std::make_shared<const TlsContext>(files)) {}

void TlsPort::reload() {
  check_certificate(files_);
  auto fresh = std::make_shared<const TlsContext>(files_);
  const std::lock_guard lock(mutex_);
  current_ = std::move(fresh);
}

std::shared_ptr<const TlsContext> TlsPort::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace boxoffice::server
