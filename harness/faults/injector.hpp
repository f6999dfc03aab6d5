// Lets one fault happen during a trial's load: waits for load, begins it, heals it, and keeps the
// proof that it landed.
//
// It runs on the caller's thread while the load has another: processes that it starts anew would
// end with a thread that is not the program's own (they ask the kernel to end them with their
// parent). saw() and load_ended() tell it how the load goes. What it proves is seen from outside: a
// process that is gone or stopped, bytes that were held back, a clock that differs. Whether the
// server worked again afterwards is seen from the history (properties/evidence.cpp).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "harness/faults/fault.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/load/load.hpp"
#include "harness/server_process.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

class PrivateDatabase;
class SmallDisk;

class Injector {
 public:
  /// What it acts upon, all of which outlives it; null where there is no such thing, and the kind
  /// needs none.
  struct Ground {
    ServerProcess& server;
    PrivateDatabase* database = nullptr;
    Proxy* proxy = nullptr;
    SmallDisk* disk = nullptr;
  };
  Injector(const FaultPlan& plan, const Ground& ground);

  /// The load's progress, and its end, from its thread.
  void saw(const load::Progress& progress);
  void load_ended();
  /// True once the fault is healed, some time has passed, the server does its work again and the
  /// load has seen what it is for; or where it cannot be healed. Then it has nothing more to show.
  bool enough(bool load_has_seen_all);

  /// Waits for the load, lets the fault happen, heals it; says what became of it. Throws
  /// EnvironmentBroke where server or database did not come back.
  properties::Fault run();

 private:
  struct Healed {
    std::int64_t at_ns = 0;
    std::uint64_t successes = 0;  ///< until then
  };

  bool wait_for_load();
  void begin_and_heal();
  void pause(pid_t pid);
  using Environment = std::vector<std::pair<std::string, std::string>>;
  void replace_server(const Environment& environment);
  void skew_clock();
  void lose_commits();
  void fill_disk();
  /// False where the load ended meanwhile.
  bool hold(Duration length);
  /// As long as planned, and longer where it has not landed by then, but not for ever.
  void hold_until(const std::function<bool()>& landed);

  FaultPlan plan_;
  ServerProcess& server_;
  PrivateDatabase* database_;
  Proxy* proxy_;
  SmallDisk* disk_;
  std::mutex mutex_;  // guards the next five
  std::condition_variable changed_;
  load::Progress seen_;
  bool over_ = false;
  bool failed_ = false;
  std::optional<Healed> healed_;
  properties::Fault fault_;
};

}  // namespace boxoffice::harness
