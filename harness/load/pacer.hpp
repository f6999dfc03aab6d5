// When the next request leaves, and on which connection: a state machine over a clock that its
// caller owns, so that tests run it in virtual time.
//
// Open loop: request i of a thread is due at a fixed time that no reply can move. With no
// connection free it waits, and its response time counts from when it was due. Closed loop: a
// connection is ready again once it has its reply and has thought. In both, free connections are
// used in the order in which they became free: every logical client takes part even at a low rate.
//
// `possible_ns` tells waiting for the server from being late oneself: it is the first moment at
// which the request was due and a connection was there. What lies between it and the sending is the
// generator's own fault.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "harness/load/clock.hpp"
#include "harness/load/schedule.hpp"

namespace boxoffice::load {

struct Start {
  std::size_t connection = 0;
  std::int64_t intended_ns = 0;  ///< open loop: by the schedule; closed loop: now
  std::int64_t possible_ns = 0;  ///< at the earliest, given the connections
};

struct Unsent {
  std::int64_t due_ns = 0;
  std::int64_t possible_ns = k_never_ns;  ///< as of a Start; never: no connection was free for it
};

struct PacerOptions {
  std::size_t connections = 1;            ///< of this thread
  std::optional<double> rate_per_s = {};  ///< of all threads together; absent: closed loop
  std::vector<Stage> stages = {};         ///< open loop whose rate changes, likewise
  std::size_t thread = 0;  ///< the thread's requests are those number thread + i * threads
  std::size_t threads = 1;
  std::int64_t think_ns = 0;  ///< closed loop only
};

class Pacer {
 public:
  explicit Pacer(const PacerOptions& options);

  /// Starts a window [begin_ns, end_ns) with every connection free: of an earlier schedule nothing
  /// is left over.
  void begin(std::int64_t begin_ns, std::int64_t end_ns);

  /// The request that should leave now, if any. The caller sends it at once.
  std::optional<Start> take(std::int64_t now_ns);

  /// The connection has its reply, or will be free at that time: others may be earlier.
  void give_back(std::size_t connection, std::int64_t now_ns);

  /// When take() has something, if no connection is given back before: k_never_ns while the next
  /// request has no connection or lies behind the window.
  std::int64_t next_ns() const;

  /// Open loop: the requests that were due and never left, before `until_ns` and inside the window.
  std::vector<Unsent> unsent(std::int64_t until_ns) const;

 private:
  struct Free {
    std::size_t connection;
    std::int64_t ready_ns;  // k_unused: has sent nothing in this window
  };

  std::int64_t due_ns(std::uint64_t request) const;

  PacerOptions options_;
  std::optional<Schedule> schedule_;  // of an open loop
  std::deque<Free> free_;
  std::int64_t begin_ns_ = 0;
  std::int64_t end_ns_ = 0;
  std::uint64_t next_request_ = 0;
};

}  // namespace boxoffice::load
