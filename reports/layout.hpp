// Laying out text for a terminal of a given width: wrapping, and tables without boxes.
//
// Names come from JSON files, so they are cleaned of control characters first: a variant's name
// must not move the reader's cursor. Widths count code points, which is right for all that the
// harness writes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace boxoffice::reports {

inline constexpr std::size_t k_terminal_columns = 80;

std::size_t display_width(const std::string& text);

/// Control characters and broken UTF-8 become '?'.
std::string cleaned(const std::string& text);

/// Cut to `width` columns, the last of them a '~' where something was cut.
std::string fitted(const std::string& text, std::size_t width);

/// Words over lines of at most `width` columns; every line but the first starts with `indent`
/// spaces. A word that is longer than a line is broken.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

/// A table: the first column left, the others by `align_right`. A row with fewer cells than columns
/// lets its last cell run to the end of the line.
class Table {
 public:
  explicit Table(std::vector<bool> align_right) : align_right_(std::move(align_right)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// Lines of at most `width` columns: where the table is wider, the first column is cut, then the
  /// line.
  std::string text(std::size_t width, std::size_t indent) const;

 private:
  std::vector<bool> align_right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace boxoffice::reports
