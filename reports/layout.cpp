// Text layout by code points.
#include "reports/layout.hpp"

#include <algorithm>

namespace boxoffice::reports {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Bytes of the UTF-8 sequence that starts with `lead`; 0 where no sequence starts so.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

/// The byte offset of the code point number `count`.
std::size_t offset_of(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (seen++ == count) break;
  }
  return at;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::size_t used = display_width(text);
  const std::string space(used < width ? width - used : 0, ' ');
  return right ? space + text : text + space;
}

}  // namespace

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cleaned(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = sequence_length(lead);
    const std::string sequence = text.substr(at, length);
    const bool whole = length > 0 && sequence.size() == length &&
                       std::all_of(sequence.begin() + 1, sequence.end(), is_continuation);
    // U+0080..U+009F are control characters too: terminals read U+009B as "escape [".
    const bool is_c1 = lead == 0xC2 && whole && static_cast<unsigned char>(sequence[1]) < 0xA0;
    if (!whole || lead < 0x20 || lead == 0x7F || is_c1) {
      out += '?';
      at += whole ? length : 1;
      continue;
    }
    out += sequence;
    at += length;
  }
  return out;
}

std::string fitted(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  if (width == 0) return "";
  return text.substr(0, offset_of(text, width - 1)) + "~";
}

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string out, line;
  const std::string margin(indent, ' ');
  std::string rest = text;
  while (!rest.empty()) {
    const std::size_t room = out.empty() ? width : width - indent;
    if (display_width(rest) <= room) {
      line = rest;
      rest.clear();
    } else {
      const std::size_t limit = offset_of(rest, room);
      const std::size_t space = rest.rfind(' ', limit);
      const std::size_t cut = space == std::string::npos || space == 0 ? limit : space;
      line = rest.substr(0, cut);
      rest.erase(0, std::min(rest.find_first_not_of(' ', cut), rest.size()));
    }
    out += (out.empty() ? "" : "\n" + margin) + line;
  }
  return out;
}

std::string Table::text(std::size_t width, std::size_t indent) const {
  constexpr std::size_t k_gap = 1;
  std::vector<std::size_t> widths(align_right_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool runs_on = i + 1 == row.size() && row.size() < widths.size();
      if (!runs_on) widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::size_t total = indent + (widths.size() - 1) * k_gap;
  for (const std::size_t column : widths) total += column;
  if (total > width) widths[0] -= std::min(widths[0] - 1, total - width);
  std::string out;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const bool runs_on = last && row.size() < widths.size();
      if (i > 0) line += std::string(k_gap, ' ');
      line += runs_on ? row[i] : padded(fitted(row[i], widths[i]), widths[i], align_right_[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += fitted(line, width) + "\n";
  }
  return out;
}

}  // namespace boxoffice::reports
