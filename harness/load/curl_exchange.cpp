// See curl_exchange.hpp.
#include "harness/load/curl_exchange.hpp"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace boxoffice::load::curl {
namespace {

// CURLINFO_SSL_VERIFYRESULT is an X509_V_ code: this one before anything was verified, and still
// where a good chain's name did not fit.
constexpr long k_chain_unspecified = 1;
constexpr std::string_view k_attempts_header = "X-Transaction-Attempts:";

long figure_of(const Slot& slot, CURLINFO what) {
  long figure = 0;
  curl_easy_getinfo(slot.easy, what, &figure);
  return figure;
}

bool nothing_was_written(const Slot& slot) {
  return figure_of(slot, CURLINFO_REQUEST_SIZE) == 0;
}

/// The certificate's chain did not lead to an authority, so that its name was not even compared.
bool chain_was_refused(const Slot& slot) {
  return figure_of(slot, CURLINFO_SSL_VERIFYRESULT) > k_chain_unspecified;
}

}  // namespace

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* pointer) {
  std::string& body = static_cast<Slot*>(pointer)->body;
  if (body.size() + size > k_reply_bytes_max) return 0;  // libcurl fails the transfer
  body.append(data, size);
  return size;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* pointer) {
  static_cast<Slot*>(pointer)->aged |= size >= 4 && strncasecmp(data, "Age:", 4) == 0;
  const std::size_t name = k_attempts_header.size();
  if (size > name && (data[0] == 'X' || data[0] == 'x') &&
      strncasecmp(data, k_attempts_header.data(), name) == 0) {
    const char* value = std::find_if(data + name, data + size, [](char c) { return c != ' '; });
    std::from_chars(value, data + size, static_cast<Slot*>(pointer)->attempts);
  }
  return size;
}

int before_sending(void* pointer, char*, char*, int, int) {
  Slot& slot = *static_cast<Slot*>(pointer);
  if (slot.sent) return CURL_PREREQFUNC_ABORT;
  slot.sent = true;
  return CURL_PREREQFUNC_OK;
}

int close_socket(void* pointer, curl_socket_t fd) {
  static_cast<Poller*>(pointer)->forget(fd);
  return close(fd);
}

int socket_wanted(CURL*, curl_socket_t fd, int what, void* pointer, void*) {
  Shard& shard = *static_cast<Shard*>(pointer);
  const auto place = static_cast<std::size_t>(fd);
  if (place >= shard.shard_of_fd->size()) shard.shard_of_fd->resize(place + 64);
  (*shard.shard_of_fd)[place] = &shard;
  const bool readable = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  const bool writable = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  shard.poller->want(fd, readable, writable);
  return 0;
}

int timer_wanted(CURLM*, long timeout_ms, void* pointer) {
  Shard& shard = *static_cast<Shard*>(pointer);
  shard.due_ns = timeout_ms < 0 ? k_never_ns : now_ns() + std::int64_t{timeout_ms} * 1'000'000;
  return 0;
}

TransportFailure failure_of(CURLcode result, const Slot& slot) {
  const bool sent = slot.sent;
  const std::string_view phase = sent ? "receive" : "connect";
  switch (result) {
    case CURLE_OK:
      return {"", "", sent};
    case CURLE_COULDNT_CONNECT:
      return {sent ? "connection_reset" : "connection_refused", phase, sent};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"host_not_found", phase, sent};
    case CURLE_OPERATION_TIMEDOUT:
      return {"timeout", phase, sent};
    case CURLE_SEND_ERROR:
      // Also what libcurl says once it wanted to send again for the sixth time.
      return {"connection_reset", sent && nothing_was_written(slot) ? "send" : phase, sent};
    case CURLE_RECV_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:  // before_sending refused to send it again
      return {"connection_reset", phase, sent};
    case CURLE_GOT_NOTHING:
      return {"empty_reply", phase, sent};
    case CURLE_PARTIAL_FILE:
      return {"truncated_reply", phase, sent};
    case CURLE_WRITE_ERROR:
      return {"oversized_reply", phase, sent};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {chain_was_refused(slot) ? "certificate_not_trusted" : "certificate_of_another_host",
              phase, sent};
    case CURLE_SSL_CACERT_BADFILE:
      return {"authorities_unusable", phase, sent};
    case CURLE_SSL_CONNECT_ERROR:
      return {"tls_handshake_failed", phase, sent};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return {"malformed_reply", sent ? "parse" : "connect", sent};
    default:
      return {"transport_error", phase, sent};
  }
}

}  // namespace boxoffice::load::curl
