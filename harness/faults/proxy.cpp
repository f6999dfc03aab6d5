// See proxy.hpp. Each connection is two directions; what is read is queued with the time from which
// it may be written, so that delay and partition are one mechanism: not yet.
#include "harness/faults/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <list>
#include <string_view>
#include <system_error>
#include <vector>

namespace boxoffice::harness {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_queue_bytes_max = 1 << 20;
constexpr std::size_t k_read_bytes = 64 * 1024;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct Chunk {
  std::vector<char> bytes;
  std::size_t done = 0;
  Clock::time_point due;
};

struct Direction {
  int from = -1, to = -1;
  std::deque<Chunk> queue;
  std::size_t queued = 0;
  bool ended = false;   // the reading side has closed
  bool passed = false;  // ... and the other side was told so
};

struct Link {
  Direction up, down;  // to the database, and back
  bool broken = false;
  bool commits = false;  // COMMIT went up while its answer was to be lost
  bool over() const { return broken || (up.passed && down.passed); }
};

void close_link(const Link& link, bool reset) {
  const linger at_once{1, 0};
  for (const int fd : {link.up.from, link.up.to}) {
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  }
}

}  // namespace

struct Proxy::Loop {
  Proxy& proxy;
  int listener = -1;
  std::list<Link> links{};

  ~Loop() {
    for (const Link& link : links) close_link(link, true);
    if (listener >= 0) close(listener);
  }

  int listen_on_loopback() {
    listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    checked(bind(listener, reinterpret_cast<sockaddr*>(&address), length), "bind");
    checked(listen(listener, 512), "listen");
    checked(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    return ntohs(address.sin_port);
  }

  void accept_one() {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    // On loopback a connection is there or refused at once: no need to wait for it elsewhere.
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(proxy.upstream_);
    if (server < 0 ||
        connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (server >= 0) close(server);
      close(client);
      return;
    }
    set_no_delay(client);
    set_no_delay(server);
    Link& link = links.emplace_back();
    link.up = {client, server, {}, 0, false, false};
    link.down = {server, client, {}, 0, false, false};
    proxy.connections_ = static_cast<std::int64_t>(links.size());
  }

  void note_commit(Link& link, std::string_view sent) const {
    link.commits = proxy.losing_commits_ && asks_to_commit(proxy.wire_, sent);
  }

  // Only what the database says that it has done: a COMMIT that failed is told to the client.
  bool loses_commit(Link& link, std::string_view answered) const {
    if (!link.commits || !says_committed(proxy.wire_, answered)) return false;
    ++proxy.commits_lost_;
    link.broken = true;
    return true;
  }

  void read_from(Link& link, Direction& way) {
    std::vector<char> bytes(k_read_bytes);
    const ssize_t got = recv(way.from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) {
      link.broken = link.broken || (errno != EAGAIN && errno != EINTR);
      return;
    }
    if (got == 0) {
      way.ended = true;
      return;
    }
    bytes.resize(static_cast<std::size_t>(got));
    if (&way == &link.up) note_commit(link, {bytes.data(), bytes.size()});
    if (&way == &link.down && loses_commit(link, {bytes.data(), bytes.size()})) return;
    const std::chrono::milliseconds delay(proxy.delay_ms_.load());
    if (proxy.partitioned_ || delay.count() > 0) proxy.held_back_ += got;
    way.queued += bytes.size();
    way.queue.push_back({std::move(bytes), 0, Clock::now() + delay});
  }

  void write_due(Link& link, Direction& way, Clock::time_point now) {
    while (!proxy.partitioned_ && !way.queue.empty() && way.queue.front().due <= now) {
      Chunk& chunk = way.queue.front();
      const ssize_t sent = send(way.to, chunk.bytes.data() + chunk.done,
                                chunk.bytes.size() - chunk.done, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) {
        link.broken = link.broken || (errno != EAGAIN && errno != EINTR);
        return;
      }
      chunk.done += static_cast<std::size_t>(sent);
      way.queued -= static_cast<std::size_t>(sent);
      if (chunk.done < chunk.bytes.size()) return;
      way.queue.pop_front();
    }
    if (way.ended && !way.passed && way.queue.empty() && !proxy.partitioned_) {
      shutdown(way.to, SHUT_WR);
      way.passed = true;
    }
  }

  void reset_where_asked() {
    const std::int64_t wanted = proxy.resets_wanted_;
    if (proxy.resets_done_ == wanted) return;
    proxy.reset_connections_ = static_cast<std::int64_t>(links.size());
    for (const Link& link : links) close_link(link, true);
    links.clear();
    proxy.connections_ = 0;
    proxy.resets_done_ = wanted;
    proxy.resets_done_.notify_all();
  }

  // Until when nothing has to be done, and which sockets may have something before that.
  int fill(std::vector<pollfd>& polled, Clock::time_point now) {
    auto due = now + std::chrono::hours(1);
    polled = {{listener, POLLIN, 0}, {proxy.wake_fd_, POLLIN, 0}};
    for (Link& link : links) {
      for (Direction* way : {&link.up, &link.down}) {
        const bool reads = !way->ended && way->queued < k_queue_bytes_max;
        // poll() tells of a hang-up even where nothing was asked for: not in the set, not told.
        if (reads) polled.push_back({way->from, POLLIN, 0});
        if (way->queue.empty() || proxy.partitioned_) continue;
        due = std::min(due, way->queue.front().due);
        if (way->queue.front().due <= now) polled.push_back({way->to, POLLOUT, 0});
      }
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now).count();
    return static_cast<int>(std::clamp<long long>(wait, 1, 60'000));
  }

  void run() {
    std::vector<pollfd> polled;
    while (!proxy.stopping_) {
      // On a line of its own: in what order a call's arguments are evaluated is not defined.
      const int wait_ms = fill(polled, Clock::now());
      poll(polled.data(), polled.size(), wait_ms);
      std::uint64_t woken = 0;
      if (read(proxy.wake_fd_, &woken, sizeof woken) < 0 && errno != EAGAIN) return;
      reset_where_asked();
      if (polled[0].revents != 0) accept_one();
      for (Link& link : links) {
        for (Direction* way : {&link.up, &link.down}) {
          if (link.broken) break;
          if (!way->ended && way->queued < k_queue_bytes_max) read_from(link, *way);
          write_due(link, *way, Clock::now());
        }
      }
      std::erase_if(links, [](const Link& link) {
        if (link.over()) close_link(link, link.broken);
        return link.over();
      });
      proxy.connections_ = static_cast<std::int64_t>(links.size());
    }
  }
};

Proxy::Proxy(int upstream) : upstream_(upstream), loop_(new Loop{*this}) {
  port_ = loop_->listen_on_loopback();
  wake_fd_ = checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  thread_ = std::thread([this] { loop_->run(); });
}

Proxy::~Proxy() {
  stopping_ = true;
  wake();
  thread_.join();
  close(wake_fd_);
}

void Proxy::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

void Proxy::partition(bool on) {
  partitioned_ = on;
  wake();
}

void Proxy::delay(std::chrono::milliseconds by) {
  delay_ms_ = by.count();
  wake();
}

void Proxy::lose_commits(bool on, Wire wire) {
  wire_ = wire;
  losing_commits_ = on;
}

std::int64_t Proxy::reset_all() {
  const std::int64_t mine = ++resets_wanted_;
  wake();
  for (auto done = resets_done_.load(); done < mine; done = resets_done_) resets_done_.wait(done);
  return reset_connections_;
}

}  // namespace boxoffice::harness
