#include "tests/strategies/commit_cutter.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace boxoffice::tests {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// PostgreSQL's COMMIT comes as a simple query ('Q', length, "commit") or as the last of a pipeline,
// in which the prepared statement of that name is bound ('B', length, no portal, "commit"). MySQL's
// is a packet: length and number in four bytes, COM_QUERY, "commit".
bool is_commit(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.size() > 4 && bytes.substr(4) ==
                              "\x03"
                              "commit"sv)
    return true;
  if (bytes.starts_with('Q')) return bytes.find("commit") != bytes.npos;
  const auto bound = bytes.find("\0commit\0"sv);
  return bound != bytes.npos && bound >= 5 && bytes[bound - 5] == 'B';
}

}  // namespace

CommitCutter::CommitCutter(int server_port) : server_port_(server_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_loop(); });
}

CommitCutter::~CommitCutter() {
  stop_ = true;
  let_through();
  acceptor_.join();
  sessions_.clear();
}

void CommitCutter::let_through() {
  let_through_ = true;
  let_through_.notify_all();
}

void CommitCutter::accept_loop() {
  while (!stop_ && !gone_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    if (gone_) {
      close(client);
    } else {
      sessions_.emplace_back([this, client] { forward(client); });
    }
  }
  close(listener_);  // whoever is in its queue is sent away
}

// Without the client: the COMMIT, once it may, then what the server says to it, which nobody hears.
void CommitCutter::finish(int server, std::string_view commit) {
  let_through_.wait(false);
  char nobody[4096];
  if (write(server, commit.data(), commit.size()) == static_cast<ssize_t>(commit.size()))
    (void)!read(server, nobody, sizeof nobody);
}

void CommitCutter::forward(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_port_);
  char buffer[65536];
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  constexpr ssize_t k_first_bytes = 12;  // the end of one message and the beginning of another
  Cut cut_reply = Cut::none;
  while (open && !stop_) {
    pollfd both[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(both, 2, 20) <= 0) continue;
    for (const int side : {0, 1}) {
      if (!both[side].revents || !open) continue;
      const ssize_t got = read(both[side].fd, buffer, sizeof buffer);
      open = got > 0;
      if (!open) break;
      if (side == 1 && cut_reply != Cut::none) {  // the server has answered the COMMIT: it is done
        open = false;
        if (cut_reply == Cut::within)
          (void)!write(both[0].fd, buffer, static_cast<std::size_t>(std::min(got, k_first_bytes)));
      }
      if (side == 0 && is_commit({buffer, static_cast<std::size_t>(got)})) {
        const Cut cut = armed_.exchange(Cut::none);
        if (cut == Cut::for_good) gone_ = true;  // first: the client comes again at once
        if (cut != Cut::none) happened_ = true;
        if (cut == Cut::before || cut == Cut::for_good || cut == Cut::held) open = false;
        if (cut == Cut::after || cut == Cut::within) cut_reply = cut;
        if (cut == Cut::held) {
          close(std::exchange(client, -1));
          finish(server, {buffer, static_cast<std::size_t>(got)});
        }
      }
      if (open) open = write(both[1 - side].fd, buffer, static_cast<std::size_t>(got)) == got;
    }
  }
  close(server);
  if (client >= 0) close(client);
}

}  // namespace boxoffice::tests
