// spdlog does the queue, the thread and the file; the text is ours, so its pattern is the bare
// line.
#include "server/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

#include "strategies/failure.hpp"

namespace boxoffice::server::log {
namespace {

constexpr std::size_t k_queue_lines = 16'384;
constexpr std::array<std::string_view, 5> k_words{"debug", "info", "warn", "error", "off"};

std::atomic<Level> g_level{Level::off};
std::shared_ptr<spdlog::logger> g_logger;

/// spdlog's own would make the folders of a mistyped path, and cannot open its file again.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFile(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "ae")) {
    if (file_ == nullptr) throw strategies::ConfigurationError("cannot write " + path);
  }
  ~LogFile() override { std::fclose(file_); }
  /// By the log's thread, since only that may have to wait for a file.
  void reopen_next() { moved_ = true; }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    reopen_if_moved();
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) say_lost();
  }
  void flush_() override {
    reopen_if_moved();
    if (std::fflush(file_) != 0) say_lost();
  }
  /// spdlog tells of it on stderr, once a second at most.
  [[noreturn]] void say_lost() const { throw spdlog::spdlog_ex("cannot write " + path_, errno); }
  void reopen_if_moved() {
    if (!moved_.exchange(false)) return;
    std::FILE* const file = std::fopen(path_.c_str(), "ae");
    if (file == nullptr) {
      return write(Level::error, "Log file cannot be opened again: the old one is kept",
                   [&](JsonWriter& json) { json.field("file", path_); });
    }
    std::fclose(file_);
    file_ = file;
  }

  const std::string path_;
  std::FILE* file_;
  std::atomic<bool> moved_ = false;
};

std::shared_ptr<LogFile> g_file;  // null: stderr

}  // namespace

bool parse_level(std::string_view word, Level& level) {
  for (std::size_t i = 0; i < k_words.size(); ++i) {
    if (k_words[i] != word) continue;
    level = static_cast<Level>(i);
    return true;
  }
  return false;
}

std::string_view to_string(Level level) {
  return k_words[static_cast<std::size_t>(level)];
}

void start(Level level, const std::string& path) {
  spdlog::sink_ptr sink;
  if (path.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = g_file = std::make_shared<LogFile>(path);
  }
  spdlog::init_thread_pool(k_queue_lines, 1);
  g_logger = std::make_shared<spdlog::async_logger>("server", sink, spdlog::thread_pool(),
                                                    spdlog::async_overflow_policy::overrun_oldest);
  g_logger->set_pattern("%v");
  spdlog::register_logger(g_logger);
  spdlog::flush_every(std::chrono::seconds(1));
  g_level = level;
}

void set_level(Level level) {
  if (g_logger) g_level = level;
}

void reopen() {
  if (!g_file) return;
  g_file->reopen_next();
  g_logger->flush();  // which is queued, too
}

void stop_within(std::chrono::milliseconds most) {
  const auto stopped = std::make_shared<std::promise<void>>();
  std::thread([stopped] {
    stop();
    stopped->set_value();
  }).detach();
  stopped->get_future().wait_for(most);
}

void stop() {
  g_level = Level::off;
  if (g_logger) g_logger->flush();
  spdlog::shutdown();
}

bool enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void begin_line(JsonWriter& json, Level level, std::string_view message) {
  const auto now = std::chrono::system_clock::now();
  json.begin_object();
  json.field("time", std::chrono::floor<std::chrono::microseconds>(now));
  json.field("level", to_string(level));
  json.field("message", message);
}

void queue_line(const std::string& line) {
  g_logger->log(spdlog::level::critical, spdlog::string_view_t(line));
}

}  // namespace boxoffice::server::log
