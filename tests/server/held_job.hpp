// Jobs for an Executor, which run until the test lets them go, and what they note meanwhile.
#pragma once

#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "server/executor.hpp"

namespace boxoffice::server::test {

inline std::unique_ptr<strategies::Connection> no_database() {
  return std::make_unique<strategies::Connection>(nullptr, strategies::SessionLimits{});
}

struct Record {
  std::mutex mutex;
  std::vector<int> begun;
  std::set<std::thread::id> threads;
  std::counting_semaphore<> changed{0};

  std::vector<int> begun_now() {
    const std::lock_guard lock(mutex);
    return begun;
  }
  void wait_for(int changes) {
    for (int i = 0; i < changes; ++i) changed.acquire();
  }
};

/// Notes that it began, then runs until it is let go.
class HeldJob : public Job {
 public:
  HeldJob(Record& record, int name, std::int64_t job_key = 0) : record_(record), name_(name) {
    key = job_key;
  }
  bool run(strategies::Connection&) override {
    {
      const std::lock_guard lock(record_.mutex);
      record_.begun.push_back(name_);
      record_.threads.insert(std::this_thread::get_id());
    }
    record_.changed.release();
    go_.acquire();
    ended.count_down();
    return true;
  }
  void refuse(Refused why) override {
    refused = why;
    ended.count_down();
  }
  void let_go() { go_.release(); }

  std::optional<Refused> refused;
  std::latch ended{1};

 private:
  Record& record_;
  const int name_;
  std::binary_semaphore go_{0};
};

}  // namespace boxoffice::server::test
