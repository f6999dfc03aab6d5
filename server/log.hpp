// The server's log: a JSON object a line, on stderr or in a file, written by a thread of its own.
//
// The caller builds the line and queues it; when lines come faster than they can be written the
// oldest are dropped rather than a request delayed. A line below the level costs one comparison.
// Whoever adds fields: never a token, a password or a URL that has one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/json_writer.hpp"

namespace boxoffice::server::log {

enum class Level { debug, info, warn, error, off };

/// "debug", ...; nothing for another word.
bool parse_level(std::string_view word, Level& level);
std::string_view to_string(Level level);

/// An empty path is stderr. Throws ConfigurationError where the file cannot be written.
void start(Level level, const std::string& path);
/// Lines below it are not written from now on.
void set_level(Level level);
/// Its file is closed, and opened again by its name: for whoever has moved it. Soon, and not where
/// that fails; nothing where there is no file.
void reopen();
/// Writes what is queued, however long that takes.
void stop();
/// The same on a thread of its own, which is left alone after `most`.
void stop_within(std::chrono::milliseconds most);

bool enabled(Level level);
/// `{"time":...,"level":...,"message":...` without its end.
void begin_line(JsonWriter& json, Level level, std::string_view message);
void queue_line(const std::string& line);

/// `fields(JsonWriter&)` adds the line's own fields; called only where the level is on.
template <class Fields>
void write(Level level, std::string_view message, const Fields& fields) {
  if (!enabled(level)) return;
  std::string line;
  JsonWriter json(line);
  begin_line(json, level, message);
  fields(json);
  json.end_object();
  queue_line(line);
}

inline void write(Level level, std::string_view message) {
  write(level, message, [](JsonWriter&) {});
}

}  // namespace boxoffice::server::log
