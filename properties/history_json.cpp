// The writer of history.jsonl: by hand, since it runs while the load is measured.
//
// A line is laid out in a buffer on the stack and appended at once: one growth of the string
// instead of sixty. Before each piece there is room for it, so that the pieces themselves need no
// check.
#include "properties/history_json.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

#include "properties/names.hpp"

namespace boxoffice::properties {
namespace {

constexpr char k_hex[] = "0123456789abcdef";

/// Keys are shorter than this, and so is a number or an escaped character.
constexpr std::size_t k_piece_bytes_max = 32;

/// Writes `"key":value` pairs, with commas between them, into `out`.
class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out) {}
  ~LineWriter() { flush(); }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void open() {
    separate();
    put('{');
    first_ = true;
  }
  void open(std::string_view name) {
    key(name);
    put('{');
    first_ = true;
  }
  void open_list(std::string_view name) {
    key(name);
    put('[');
    first_ = true;
  }
  void close(char bracket = '}') {
    make_room();
    put(bracket);
    first_ = false;
  }
  void end_line() { put('\n'); }

  template <class Integer>
  void number(std::string_view name, Integer value) {
    key(name);
    next_ = std::to_chars(next_, buffer_ + sizeof buffer_, value).ptr;
  }
  void number(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) number(name, *value);
  }
  void number_unless_zero(std::string_view name, std::int64_t value) {
    if (value != 0) number(name, value);
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    put('"');
    for (char c : value) put_escaped(c);
    make_room();
    put('"');
  }
  void text_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    put(value ? std::string_view("true") : std::string_view("false"));
  }

 private:
  void put(char c) { *next_++ = c; }
  void put(std::string_view text) {
    std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
  }
  void separate() {
    make_room();
    if (!first_) put(',');
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    put('"');
    put(name);
    put(std::string_view("\":"));
  }
  /// Bytes above 0x7f are kept as they are: the reader accepts what a broken server sent.
  void put_escaped(char c) {
    if (buffer_ + sizeof buffer_ - next_ < 8) flush();
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      put('\\');
      put(c);
    } else if (code < 0x20) {
      put(std::string_view("\\u00"));
      put(k_hex[code >> 4]);
      put(k_hex[code & 15]);
    } else {
      put(c);
    }
  }
  /// Room for a key and a value that is no string.
  void make_room() {
    if (buffer_ + sizeof buffer_ - next_ < static_cast<std::ptrdiff_t>(3 * k_piece_bytes_max)) {
      flush();
    }
  }
  void flush() {
    out_.append(buffer_, next_);
    next_ = buffer_;
  }

  std::string& out_;
  char buffer_[1024];
  char* next_ = buffer_;
  bool first_ = true;
};

void write(LineWriter& line, const Input& in) {
  if (in == Input{}) return;
  line.open("in");
  line.number_unless_zero("user_id", in.user_id);
  line.number_unless_zero("quantity", in.quantity);
  line.number_unless_zero("reservation_id", in.reservation_id);
  line.close();
}

void write(LineWriter& line, const Output& out) {
  if (out == Output{}) return;
  line.open("out");
  line.number_unless_zero("http", out.http);
  line.number("reservation_id", out.reservation_id);
  line.number("user_id", out.user_id);
  line.number("quantity", out.quantity);
  if (out.status) line.text("status", name_of(*out.status));
  line.number("available", out.available);
  line.number("version", out.version);
  line.number("expires_us", out.expires_us);
  line.close();
}

void write(LineWriter& line, const Error& error) {
  if (error.code.empty() && error.http == 0 && error.phase.empty()) return;
  line.open("error");
  line.text_unless_empty("code", error.code);
  line.number_unless_zero("http", error.http);
  line.text_unless_empty("phase", error.phase);
  line.close();
}

void write(LineWriter& line, const EventCapacity& event) {
  line.open();
  line.number("event_id", event.event_id);
  line.number("total_tickets", event.total_tickets);
  line.number("available_tickets", event.available_tickets);
  line.number("version", event.version);
  line.close();
}

}  // namespace

void append_line(std::string& out, const Header& header) {
  LineWriter line(out);
  line.open();
  line.text("schema", k_history_schema);
  line.text("run_id", header.run_id);
  line.number("seed", header.seed);
  line.number("hold_us", header.hold_us);
  line.number("clock_slack_us", header.clock_slack_us);
  line.open_list("events");
  for (const EventCapacity& event : header.events) write(line, event);
  line.close(']');
  line.open("evidence");
  line.boolean("sold_out", header.evidence.sold_out);
  line.boolean("contention", header.evidence.contention);
  line.boolean("expiry", header.evidence.expiry);
  line.boolean("cancel", header.evidence.cancel);
  line.number_unless_zero("faults", header.evidence.faults);
  line.close();
  line.boolean("versions", header.versions);
  if (!header.one_hold_per_user) line.boolean("one_hold_per_user", false);
  if (header.ids_per_event) line.boolean("ids_per_event", true);
  if (header.audit_due) line.boolean("audit_due", true);
  if (header.end_due) line.boolean("end_due", true);
  if (header.others_may_edit) line.boolean("others_may_edit", true);
  if (header.early_visibility) line.boolean("early_visibility", true);
  line.close();
  line.end_line();
}

void append_line(std::string& out, const Fault& fault) {
  LineWriter line(out);
  line.open();
  line.text("type", "fault");
  line.text("kind", fault.kind);
  line.number("t_ns", fault.t_ns);
  line.number("healed_ns", fault.healed_ns);
  line.number("in_flight", fault.in_flight);
  line.boolean("landed", fault.landed);
  line.text("evidence", fault.evidence);
  if (fault.database_ended) line.boolean("database_ended", true);
  line.close();
  line.end_line();
}

void append_line(std::string& out, const Breakage& breakage) {
  LineWriter line(out);
  line.open();
  line.text("type", "broke");
  line.text("why", breakage.why);
  line.number_unless_zero("clock_moved_us", breakage.clock_moved_us);
  line.close();
  line.end_line();
}

void append_end(std::string& out, std::int64_t entries) {
  LineWriter line(out);
  line.open();
  line.text("type", "end");
  line.number("entries", entries);
  line.close();
  line.end_line();
}

void append_line(std::string& out, const FinalCapacity& capacity) {
  LineWriter line(out);
  line.open();
  line.text("type", "capacity");
  line.number("event_id", capacity.event_id);
  if (capacity.total_tickets) line.number("total_tickets", *capacity.total_tickets);
  line.close();
  line.end_line();
}

void append_line(std::string& out, const Entry& entry) {
  LineWriter line(out);
  line.open();
  line.number("index", entry.index);
  line.number("t_ns", entry.t_ns);
  line.number("t_sched_ns", entry.t_sched_ns);
  line.number("process", entry.process);
  line.text("type", name_of(entry.type));
  line.text("f", name_of(entry.f));
  line.number("event_id", entry.event_id);
  line.text_unless_empty("request_id", entry.request_id);
  write(line, entry.in);
  write(line, entry.out);
  write(line, entry.error);
  line.close();
  line.end_line();
}

}  // namespace boxoffice::properties
