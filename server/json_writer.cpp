// The two parts of the writer that are more than a line: escaping, and calendar time.
//
// Bytes from 0x80 up pass as they are: names and descriptions come from a UTF-8 database, and what
// comes from a request was checked when it was read.
#include "server/json_writer.hpp"

namespace boxoffice::server {
namespace {

/// `width` digits, zeros in front. `number` is not negative and fits.
void pad(char*& out, std::int64_t number, int width) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  out += width;
}

}  // namespace

void JsonWriter::quote(std::string_view text) {
  static constexpr char k_hex[] = "0123456789abcdef";
  out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte >= 0x20) {
      out_ += c;
    } else {
      out_ += "\\u00";
      out_ += k_hex[byte >> 4];
      out_ += k_hex[byte & 15];
    }
  }
  out_ += '"';
}

void JsonWriter::number(std::string_view name, double number) {
  key(name);
  separate();
  char digits[64];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed, 3);
  out_.append(digits, end.ptr);
}

void JsonWriter::value(strategies::Timestamp time) {
  using namespace std::chrono;
  separate();
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[] = "\"0000-00-00T00:00:00.000000Z\"";
  char* at = text + 1;
  pad(at, static_cast<int>(date.year()), 4), ++at;
  pad(at, static_cast<unsigned>(date.month()), 2), ++at;
  pad(at, static_cast<unsigned>(date.day()), 2), ++at;
  pad(at, clock.hours().count(), 2), ++at;
  pad(at, clock.minutes().count(), 2), ++at;
  pad(at, clock.seconds().count(), 2), ++at;
  pad(at, clock.subseconds().count(), 6);
  out_.append(text, sizeof text - 1);
}

}  // namespace boxoffice::server
