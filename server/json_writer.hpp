// Writes JSON text straight into a string that its owner reuses.
//
// Replies are small and of known shape, and one is made for each request: building a tree of
// boost::json values first costs a dozen allocations that this does not need. Reading JSON, where
// the shape is the client's, is boost::json's job (validation.cpp).
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "strategies/types.hpp"

namespace boxoffice::server {

class JsonWriter {
 public:
  /// Appends to `out`, which outlives the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view name) { key(name), begin_object(); }
  void end_object() { close('}'); }
  void begin_array(std::string_view name) { key(name), open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    separated_ = true;
  }
  void value(std::int64_t number) {
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out_.append(digits, end);
  }
  void value(std::string_view text) {
    separate();
    quote(text);
  }
  void value(bool flag) { raw(flag ? "true" : "false"); }
  /// RFC 3339 in UTC with microseconds: 2026-01-31T12:00:00.000000Z
  void value(strategies::Timestamp time);
  void null() { raw("null"); }

  void field(std::string_view name, std::int64_t number) { key(name), value(number); }
  void field(std::string_view name, std::string_view text) { key(name), value(text); }
  void field(std::string_view name, const char* text) { field(name, std::string_view(text)); }
  void field(std::string_view name, strategies::Timestamp time) { key(name), value(time); }
  /// With three places.
  void number(std::string_view name, double number);
  void flag(std::string_view name, bool on) { key(name), value(on); }

 private:
  void open(char bracket) {
    separate();
    out_ += bracket;
    separated_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    separated_ = false;
  }
  void raw(std::string_view text) {
    separate();
    out_ += text;
  }
  void separate() {
    if (!separated_) out_ += ',';
    separated_ = false;
  }
  void quote(std::string_view text);

  std::string& out_;
  bool separated_ = true;  // nothing needs a comma in front of it: at the start, after { [ and :
};

}  // namespace boxoffice::server
