// One exchange of the https client, as libcurl's callbacks see it: what they fill, and what its end
// means. The client itself is curl_client.cpp.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/load/poller.hpp"

namespace boxoffice::load::curl {

/// One header of the list that libcurl walks, in memory of our own: nothing to allocate a request.
struct HeaderLine {
  std::string text;
  curl_slist node{};

  void link(curl_slist*& head) {
    node.data = text.data();
    node.next = head;
    head = &node;
  }
};

struct Shard {
  CURLM* multi = nullptr;
  std::int64_t due_ns = k_never_ns;
  bool touched = false;  // something may have completed
  Poller* poller = nullptr;
  std::vector<Shard*>* shard_of_fd = nullptr;
};

struct Slot {
  CURL* easy = nullptr;
  Shard* shard = nullptr;
  std::size_t connection = 0;
  bool busy = false;
  bool sent = false;
  std::int64_t attempts = 0;
  bool aged = false;
  std::string body;
  std::string post;
  HeaderLine content_type, authorization, request_id;
};

// The callbacks, under the names of what libcurl reports; each has the signature of its option.
// `pointer` is a Slot, but the Shard for socket_wanted and timer_wanted, the Poller for
// close_socket.
std::size_t receive_body(char* data, std::size_t, std::size_t size, void* pointer);
std::size_t receive_header(char* data, std::size_t, std::size_t size, void* pointer);
/// Lets the first sending of an exchange pass and stops any other.
int before_sending(void* pointer, char*, char*, int, int);
int close_socket(void* pointer, curl_socket_t fd);
int socket_wanted(CURL*, curl_socket_t fd, int what, void* pointer, void*);
int timer_wanted(CURLM*, long timeout_ms, void* pointer);

/// Where the exchange of `slot` broke off, if it did. After its end, before its handle is used
/// again.
TransportFailure failure_of(CURLcode result, const Slot& slot);

}  // namespace boxoffice::load::curl
