// See recorder.hpp. After a write error nothing more is written: a history with a hole in its
// middle would be judged as if those operations had never been.
#include "harness/load/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "properties/history_json.hpp"

namespace boxoffice::load {
namespace {

constexpr std::size_t k_lane_bytes = 256 * 1024;
constexpr std::size_t k_waiting_bytes_max = 256 * 1024 * 1024;

}  // namespace

Recorder::Recorder(const std::filesystem::path& path) {
  if (path.empty()) return;
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot open " + path.string());
  }
  writer_ = std::thread([this] { write_all_submitted(); });
}

Recorder::~Recorder() {
  stop_writing();
  if (fd_ >= 0) close(fd_);
}

void Recorder::submit(std::string& lines, std::uint64_t entries) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_bytes_ < k_waiting_bytes_max || failed(); });
  std::string empty;
  if (!spare_.empty()) {
    empty = std::move(spare_.back());
    spare_.pop_back();
  }
  if (!failed()) {
    waiting_bytes_ += lines.size();
    status_.entries += entries;
    waiting_.push_back(std::move(lines));
  }
  lines = std::move(empty);
  lines.clear();
  changed_.notify_all();
}

bool Recorder::write_fully(const std::string& lines) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t written = write(fd_, lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int code = written == 0 ? ENOSPC : errno;
      const std::lock_guard lock(mutex_);
      status_.ok = false;
      status_.error = std::generic_category().message(code);
      failed_ = true;
      return false;
    }
    done += static_cast<std::size_t>(written);
  }
  return true;
}

void Recorder::write_all_submitted() {
  std::vector<std::string> taken;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return;
    taken.swap(waiting_);
    lock.unlock();
    std::size_t bytes = 0;
    for (const std::string& lines : taken) {
      if (failed() || !write_fully(lines)) break;
      bytes += lines.size();
    }
    lock.lock();
    status_.bytes += bytes;
    waiting_bytes_ = 0;
    for (const std::string& lines : waiting_) waiting_bytes_ += lines.size();
    for (std::string& lines : taken) spare_.push_back(std::move(lines));
    taken.clear();
    changed_.notify_all();
  }
}

void Recorder::stop_writing() {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  writer_.join();
}

RecorderStatus Recorder::finish() {
  stop_writing();
  if (fd_ < 0) return status_;
  std::string end;
  properties::append_end(end, static_cast<std::int64_t>(status_.entries));
  if (!failed() && write_fully(end)) status_.bytes += end.size();
  // Some file systems report a lack of space only here.
  if (close(std::exchange(fd_, -1)) != 0 && status_.ok) {
    status_.ok = false;
    status_.error = std::generic_category().message(errno);
  }
  return status_;
}

void RecorderLane::append(properties::Entry& entry) {
  if (!recorder_.enabled()) return;
  entry.index = recorder_.next_index();
  properties::append_line(lines_, entry);
  ++entries_;
  if (lines_.size() >= k_lane_bytes) flush();
}

void RecorderLane::flush() {
  if (entries_ == 0) return;
  recorder_.submit(lines_, entries_);
  entries_ = 0;
}

}  // namespace boxoffice::load
