// The client for https: libcurl's multi-socket interface on epoll. See client.hpp.
//
// libcurl resends by itself when a reused connection turns out to be dead, although the server may
// have read the request before it reset. The hook that libcurl calls before each sending lets the
// first one pass and stops any other, which then ends the exchange as a reset. The hook also tells
// whether anything was sent.
//
// Connections are grouped into shards with a libcurl multi handle each, because libcurl searches
// all connections of a handle for an idle one, at every request. libcurl says which sockets it
// waits for (socket_wanted) and until when (timer_wanted); wait() tells it what became ready.
// The callbacks are curl_exchange.cpp.
#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/load/curl_exchange.hpp"
#include "harness/load/poller.hpp"

namespace boxoffice::load {
namespace {

using curl::Shard;
using curl::Slot;

constexpr std::size_t k_connections_per_shard = 64;
constexpr long k_receive_buffer_bytes = 8 * 1024;  // a reply has a few hundred; 10,000 are kept

/// Null where libcurl's own word for it will do.
const char* verb_of(const Request& request) {
  switch (request.method) {
    case Method::get:
      return request.has_body() ? "GET" : nullptr;
    case Method::post:
      return nullptr;
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
  }
  return nullptr;
}

void initialise_libcurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

class CurlClient : public Client {
 public:
  CurlClient(const std::string& target, std::size_t connections, std::chrono::milliseconds timeout,
             const RequestHeaders& headers, const std::string& ca);
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  void start(std::size_t connection, const Request& request) override;
  void wait(std::int64_t deadline_ns, const Done& done) override;
  void abandon(const Done& done) override;
  std::size_t in_flight() const override { return in_flight_; }

 private:
  void parse_url(const std::string& target);
  void add_shards(std::size_t count);
  void prepare(Slot& slot, std::chrono::milliseconds timeout);
  void collect(Shard& shard, const Done& done);
  void complete(Slot& slot, CURLcode result, const Done& done);

  RequestHeaders headers_;
  const std::string ca_;
  CURLU* url_ = curl_url();  // parsed once instead of for each request
  Poller poller_;
  std::vector<Shard*> shard_of_fd_;
  std::vector<Shard> shards_;
  std::vector<Slot> slots_;
  std::size_t in_flight_ = 0;
};

CurlClient::~CurlClient() {
  for (Slot& slot : slots_) {
    if (slot.easy == nullptr) continue;
    if (slot.busy) curl_multi_remove_handle(slot.shard->multi, slot.easy);
    curl_easy_cleanup(slot.easy);
  }
  for (Shard& shard : shards_) curl_multi_cleanup(shard.multi);
  curl_url_cleanup(url_);
}

void CurlClient::parse_url(const std::string& target) {
  if (curl_url_set(url_, CURLUPART_URL, target.c_str(), 0) != CURLUE_OK) {
    throw std::runtime_error("load: the target is no URL: " + target);
  }
}

void CurlClient::add_shards(std::size_t count) {
  shards_.resize(count);
  for (Shard& shard : shards_) {
    shard.poller = &poller_;
    shard.shard_of_fd = &shard_of_fd_;
    shard.multi = curl_multi_init();
    if (shard.multi == nullptr) throw std::runtime_error("libcurl: no memory for a multi handle");
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETFUNCTION, curl::socket_wanted);
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETDATA, &shard);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERFUNCTION, curl::timer_wanted);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERDATA, &shard);
    curl_multi_setopt(shard.multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    curl_multi_setopt(shard.multi, CURLMOPT_MAXCONNECTS,
                      static_cast<long>(2 * k_connections_per_shard));
  }
}

void CurlClient::prepare(Slot& slot, std::chrono::milliseconds timeout) {
  CURL* easy = slot.easy = curl_easy_init();
  if (easy == nullptr) throw std::runtime_error("libcurl: no memory for an easy handle");
  curl_easy_setopt(easy, CURLOPT_CURLU, url_);
  if (!ca_.empty()) {  // and nothing that the system trusts
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");     // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");  // or it is looked up for each request
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, k_receive_buffer_bytes);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &slot);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, curl::receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &slot);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, curl::receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &slot);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, curl::before_sending);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &slot);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, curl::close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &poller_);
  slot.content_type.text = "Content-Type: application/json";
}

void CurlClient::complete(Slot& slot, CURLcode result, const Done& done) {
  long http = 0;
  curl_easy_getinfo(slot.easy, CURLINFO_RESPONSE_CODE, &http);
  const TransportFailure failure = curl::failure_of(result, slot);
  curl_multi_remove_handle(slot.shard->multi, slot.easy);
  slot.busy = false;
  --in_flight_;
  done(slot.connection,
       Exchange{static_cast<int>(http), slot.body, slot.attempts, slot.aged, failure});
}

void CurlClient::collect(Shard& shard, const Done& done) {
  shard.touched = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(shard.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* slot = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
    // Removing the handle frees the message: its result is read before.
    complete(*static_cast<Slot*>(slot), message->data.result, done);
  }
}

CurlClient::CurlClient(const std::string& target, std::size_t connections,
                       std::chrono::milliseconds timeout, const RequestHeaders& headers,
                       const std::string& ca)
    : headers_(headers), ca_(ca) {
  initialise_libcurl();
  parse_url(target);
  const std::size_t shards = (connections + k_connections_per_shard - 1) / k_connections_per_shard;
  add_shards(shards);
  slots_.resize(connections);
  for (std::size_t i = 0; i < connections; ++i) {
    Slot& slot = slots_[i];
    slot.connection = i;
    slot.shard = &shards_[i % shards];
    prepare(slot, timeout);
  }
}

void CurlClient::start(std::size_t connection, const Request& request) {
  Slot& slot = slots_[connection];
  slot.busy = true;
  slot.sent = false;
  slot.attempts = 0;
  slot.aged = false;
  slot.body.clear();
  curl_slist* headers = nullptr;
  if (!request.token.empty() && !headers_.before_token.empty()) {
    slot.authorization.text.assign(headers_.before_token)
        .append(request.token)
        .append(headers_.after_token);
    slot.authorization.link(headers);
  }
  if (!request.request_id.empty() && !headers_.before_request_id.empty()) {
    slot.request_id.text.assign(headers_.before_request_id).append(request.request_id);
    slot.request_id.link(headers);
  }
  if (request.has_body()) {
    slot.content_type.link(headers);
    slot.post.assign(request.body);
    curl_easy_setopt(slot.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(slot.post.size()));
    curl_easy_setopt(slot.easy, CURLOPT_POSTFIELDS, slot.post.c_str());
  } else {
    curl_easy_setopt(slot.easy, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(slot.easy, CURLOPT_CUSTOMREQUEST, verb_of(request));
  curl_easy_setopt(slot.easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(slot.easy, CURLOPT_REQUEST_TARGET, std::string(request.path).c_str());
  curl_multi_add_handle(slot.shard->multi, slot.easy);
  ++in_flight_;
  // Adding a handle only asks for a timer of zero: this sends the request, or begins to connect.
  int running = 0;
  slot.shard->due_ns = k_never_ns;
  curl_multi_socket_action(slot.shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  slot.shard->touched = true;
}

void CurlClient::wait(std::int64_t deadline_ns, const Done& done) {
  const std::size_t before = in_flight_;
  std::int64_t until_ns = deadline_ns;
  for (Shard& shard : shards_) {
    if (shard.touched) collect(shard, done);  // what failed while it was started
    until_ns = std::min(until_ns, shard.due_ns);
  }
  if (in_flight_ != before) until_ns = 0;
  int running = 0;
  for (const Poller::Ready& ready : poller_.wait(until_ns)) {
    Shard& shard = *shard_of_fd_[static_cast<std::size_t>(ready.fd)];
    const int what = (ready.readable ? CURL_CSELECT_IN : 0) |
                     (ready.writable ? CURL_CSELECT_OUT : 0) |
                     (ready.failed ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(shard.multi, ready.fd, what, &running);
    shard.touched = true;
  }
  const std::int64_t now = now_ns();
  for (Shard& shard : shards_) {
    if (shard.due_ns <= now) {
      shard.due_ns = k_never_ns;
      curl_multi_socket_action(shard.multi, CURL_SOCKET_TIMEOUT, 0, &running);
      shard.touched = true;
    }
    if (shard.touched) collect(shard, done);
  }
}

void CurlClient::abandon(const Done& done) {
  for (Slot& slot : slots_) {
    if (!slot.busy) continue;
    curl_multi_remove_handle(slot.shard->multi, slot.easy);
    slot.busy = false;
    --in_flight_;
    done(slot.connection,
         Exchange{0, {}, 0, false, {"abandoned", slot.sent ? "receive" : "connect", slot.sent}});
  }
}

}  // namespace

std::unique_ptr<Client> make_curl_client(const std::string& target, std::size_t connections,
                                         std::chrono::milliseconds timeout,
                                         const RequestHeaders& headers) {
  return make_https_client(target, connections, timeout, headers, "");
}

std::unique_ptr<Client> make_https_client(const std::string& target, std::size_t connections,
                                          std::chrono::milliseconds timeout,
                                          const RequestHeaders& headers, const std::string& ca) {
  return std::make_unique<CurlClient>(target, connections, timeout, headers, ca);
}

}  // namespace boxoffice::load
