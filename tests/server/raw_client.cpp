// See raw_client.hpp. A call with a time limit of the socket's is not begun again by the kernel
// after a signal, not even after one that nobody handles: SIGCHLD, of a database that a test stops.
#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace boxoffice::server::test {

namespace {

template <typename Call, typename... Arguments>
auto after_signals(Call call, Arguments... arguments) {
  auto result = call(arguments...);
  while (result < 0 && errno == EINTR) result = call(arguments...);
  return result;
}

}  // namespace

RawClient::RawClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect");
  }
  const timeval limit{10, 0};  // not of connect(), which could not be begun again
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

RawClient::~RawClient() {
  ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = after_signals(::send, socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::finish() {
  ::shutdown(socket_, SHUT_WR);
}

bool RawClient::fill() {
  char buffer[16384];
  const auto count = after_signals(::recv, socket_, buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    throw std::runtime_error("the server says nothing");
  if (count <= 0) return false;
  in_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

bool RawClient::is_at_end() {
  while (fill()) {
  }
  return in_.empty();
}

std::optional<RawReply> RawClient::read_reply(bool head) {
  std::size_t end;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  RawReply reply;
  reply.status = std::stoi(in_.substr(9, 3));
  std::size_t at = in_.find("\r\n") + 2;
  while (at < end) {
    const auto line_end = in_.find("\r\n", at);
    const auto colon = in_.find(':', at);
    std::string name = in_.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    reply.headers[name] = in_.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  in_.erase(0, end + 4);
  if (head || reply.status == 100) return reply;
  const bool has_content = reply.status != 204 && reply.status != 304;
  const auto length = std::stoul(has_content ? reply.headers.at("content-length") : "0");
  while (in_.size() < length) {
    if (!fill()) return std::nullopt;
  }
  reply.body = in_.substr(0, length);
  in_.erase(0, length);
  return reply;
}

}  // namespace boxoffice::server::test
