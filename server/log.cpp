// spdlog does the queue, the thread and the file; the text is ours, so its pattern is the bare
// line.
#include "server/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "strategies/failure.hpp"

namespace boxoffice::server::log {
namespace {

constexpr std::size_t k_queue_lines = 16'384;
constexpr std::array<std::string_view, 5> k_words{"debug", "info", "warn", "error", "off"};

std::atomic<Level> g_level{Level::off};
std::shared_ptr<spdlog::logger> g_logger;

/// spdlog would make the folders of a mistyped path.
void check_writable(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) throw strategies::ConfigurationError("cannot write " + path);
  std::fclose(file);
}

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
    check_writable(path);
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
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
