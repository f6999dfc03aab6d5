// See scripted_server.hpp.
#include "scripted_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace boxoffice::load {
namespace {

/// The value of a header in a request's or reply's head; empty where it is missing.
std::string header_value(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

/// Moves the next whole request out of `buffer`, reading on as needed. False at the end.
bool read_request(int fd, std::string& buffer, ReceivedRequest& request) {
  while (true) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      request.head = buffer.substr(0, end + 2);
      const std::string length = header_value(request.head, "Content-Length");
      const std::size_t total = end + 4 + (length.empty() ? 0 : std::stoul(length));
      if (buffer.size() >= total) {
        request.body = buffer.substr(end + 4, total - end - 4);
        buffer.erase(0, total);
        const std::size_t space = request.head.find(' ');
        request.method = request.head.substr(0, space);
        request.path =
            request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
        return true;
      }
    }
    char chunk[4096];
    const ssize_t count = recv(fd, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(count));
  }
}

void wait_for_the_end(int fd) {
  char byte;
  while (recv(fd, &byte, 1, 0) > 0) {
  }
}

}  // namespace

std::string ReceivedRequest::header(const std::string& name) const {
  return header_value(head, name);
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 1024) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("scripted server: no port");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

std::string ScriptedServer::target() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<ReceivedRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::accept_all() {
  for (int connection = 0;; ++connection) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, connection] { serve(fd, connection); });
  }
}

void ScriptedServer::serve(int fd, int connection) {
  std::string buffer;
  After after = After::keep;
  for (int count = 0; after == After::keep; ++count) {
    ReceivedRequest request;
    request.connection = connection;
    request.on_connection = count;
    if (!read_request(fd, buffer, request)) break;
    {
      const std::lock_guard lock(mutex_);
      request.overall = static_cast<int>(requests_.size());
      requests_.push_back(request);
    }
    const ScriptedReply reply = script_(request);
    send(fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL);
    after = reply.after;
  }
  if (after == After::hang) wait_for_the_end(fd);
  if (after == After::reset) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

std::string http_reply(int status, const std::string& body, const std::string& headers) {
  return fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

std::string reservation_body(int id, int available, int version) {
  return fmt::format(
      R"({{"reservation":{{"id":{},"event_id":7,"user_id":1,"quantity":1,"status":"reserved",)"
      R"("expires_at":"2026-07-04T18:30:00.000001Z","purchased_at":null}},)"
      R"("event":{{"id":7,"available_tickets":{},"version":{}}}}})",
      id, available, version);
}

std::string problem_body(int status, const std::string& code, bool effect_none) {
  return fmt::format(R"({{"type":"about:blank","title":"no","status":{},"code":"{}"{}}})", status,
                     code, effect_none ? R"(,"effect":"none")" : "");
}

}  // namespace boxoffice::load
