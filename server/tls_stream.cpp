// See tls_stream.hpp. OpenSSL keeps errors in a queue of the thread, which has to be empty before
// each call for its answer to be about this one.
#include "server/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <new>

namespace boxoffice::server {

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_->handle()), SSL_free) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) throw std::bad_alloc();
}

TlsStream::Step TlsStream::step_of(int result, std::size_t bytes) {
  if (result > 0) return {Next::done, bytes};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Next::wait_readable};
    case SSL_ERROR_WANT_WRITE:
      return {Next::wait_writable};
    case SSL_ERROR_ZERO_RETURN:  // the other side said that it is done
      return {};
    default:
      break;
  }
  broken_ = true;
  if (const auto error = ERR_peek_error(); error != 0) {
    met_plain_http_ = ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    const char* const words = ERR_reason_error_string(error);
    reason_ = words == nullptr ? "unknown error" : words;
  }
  ERR_clear_error();
  return {};
}

TlsStream::Step TlsStream::shake_hands() {
  ERR_clear_error();
  return step_of(SSL_accept(ssl_.get()), 0);
}

TlsStream::Step TlsStream::read(void* to, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), to, size, &bytes);
  return step_of(result, bytes);
}

TlsStream::Step TlsStream::write(const void* from, std::size_t size) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(ssl_.get(), from, size, &bytes);
  return step_of(result, bytes);
}

void TlsStream::close() {
  if (broken_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsStream::heard_nothing() const {
  return BIO_number_read(SSL_get_rbio(ssl_.get())) == 0;
}

}  // namespace boxoffice::server
