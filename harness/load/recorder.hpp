// Writes the history while the load runs.
//
// Each generator thread has a lane: entries become lines in a buffer of its own, which is handed to
// one background thread that writes it to the file, when it is full or 100 ms old. So a thread
// never waits for the disk (unless the disk is so slow that 256 MB are waiting), and a crash loses
// at most the last moment. Lanes reach the file in no order among each other: readers sort by
// (t_ns, index).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/load/load.hpp"
#include "properties/history.hpp"

namespace boxoffice::load {

class Recorder {
 public:
  /// Opens `path` for appending. An empty path records nothing. Throws std::runtime_error.
  explicit Recorder(const std::filesystem::path& path);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  bool enabled() const { return fd_ >= 0; }
  std::int64_t next_index() { return next_index_.fetch_add(1, std::memory_order_relaxed); }

  /// A write failed: the history is incomplete from there on, and the run should stop.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  /// Takes the lines and leaves an empty buffer with capacity in their place.
  void submit(std::string& lines, std::uint64_t entries);

  /// Writes what is left and the line that ends a history, and closes the file. Lanes must be
  /// flushed before. Without it the history has no end: it is none of a whole run.
  RecorderStatus finish();

 private:
  void stop_writing();
  void write_all_submitted();
  bool write_fully(const std::string& lines);

  int fd_ = -1;
  std::atomic<std::int64_t> next_index_{0};
  std::atomic<bool> failed_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  std::vector<std::string> spare_;
  std::size_t waiting_bytes_ = 0;
  bool closing_ = false;
  RecorderStatus status_;

  std::thread writer_;
};

/// A thread's end of the recorder.
class RecorderLane {
 public:
  explicit RecorderLane(Recorder& recorder) : recorder_(recorder) {}
  ~RecorderLane() { flush(); }
  RecorderLane(const RecorderLane&) = delete;
  RecorderLane& operator=(const RecorderLane&) = delete;

  /// Gives the entry its index and appends it.
  void append(properties::Entry& entry);
  void flush();

 private:
  Recorder& recorder_;
  std::string lines_;
  std::uint64_t entries_ = 0;
};

}  // namespace boxoffice::load
