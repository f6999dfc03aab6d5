// One generator thread: its share of the connections, from the first request to the last reply.
//
// The loop: what the pacer says is due is drawn by the traffic, stamped, recorded and sent; then it
// waits for replies or for the next due time; each reply is parsed, classified, stamped, recorded
// and counted. Warm-up and measured window are the same loop, with a drain and a meeting of all
// threads between them.
#pragma once

#include <barrier>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/load/client.hpp"
#include "harness/load/pacer.hpp"
#include "harness/load/recorder.hpp"
#include "harness/load/reply.hpp"
#include "harness/load/run_state.hpp"
#include "harness/load/tally.hpp"
#include "harness/load/traffic.hpp"

namespace boxoffice::load {

/// Where threads meet before the measured window; the last one to come sets its start.
using MeetingPoint = std::barrier<std::function<void()>>;

/// How busy the thread was in the measured window.
struct ThreadLoad {
  double cpu_share = 0;       ///< of one core
  double cpu_wait_share = 0;  ///< runnable, but another thread had the core
};

class Worker {
 public:
  /// The share of `thread`: the connections thread, thread + plan.threads, ...
  Worker(const LoadPlan& plan, RunState& state, std::size_t thread);

  /// Runs warm-up, meeting, measured window and drain.
  void run(MeetingPoint& meeting);

  Tally& tally() { return tally_; }
  const Tally& tally() const { return tally_; }
  const ThreadLoad& thread_load() const { return thread_load_; }
  std::size_t user_rounds() const { return traffic_.user_rounds(); }

 private:
  struct Current {
    properties::Entry entry;
    std::int64_t sent_ns = 0;
    std::size_t event = 0;
    bool counted = true;
  };

  void run_window(std::int64_t begin_ns, std::int64_t end_ns);
  void drain();
  void tick(std::int64_t now);
  bool may_start();
  void start(const Start& start);
  bool is_next_counted();
  void send(std::size_t connection, const Operation& operation);
  std::size_t instances() const { return 1 + plan_.further_targets.size(); }
  void complete(std::size_t connection, const Exchange& exchange);
  void note_sell_out(const Current& current, const Classified& classified, std::int64_t t_ns);

  const LoadPlan& plan_;
  RunState& state_;
  Pacer pacer_;
  Traffic traffic_;
  std::unique_ptr<Client> client_;
  RecorderLane lane_;
  Tally tally_;
  ReplyReader reader_;
  Client::Done on_done_;
  std::vector<Current> current_;   // by the thread's connection
  std::vector<std::size_t> turn_;  // which instance the thread's connection asks next
  std::string path_, body_;        // reused
  std::int64_t next_tick_ns_ = 0;
  double uncounted_due_ = 0;
  ThreadLoad thread_load_;
};

}  // namespace boxoffice::load
