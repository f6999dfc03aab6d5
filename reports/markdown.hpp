// summary.md: the run as Markdown, for where a CI system or a pull request shows what a job has to
// say.
//
// The verdict first, then what was caught, each with its few operations as a timeline in a fence
// (Markdown has no drawings that every reader shows), then the figures and the commands that lead
// on. Names come from files: none of them can become markup. Where a system cuts long texts off
// (GitHub: 1 MiB a step), what matters has been said by then.
#pragma once

#include <string>
#include <vector>

#include "reports/summary.hpp"

namespace boxoffice::reports {

std::string summary_markdown(const Run& run, const Summary& summary);

/// Text of a paragraph or of a table's cell, in which nothing is markup.
std::string markdown_text(const std::string& text);

/// A table in the pipe form: cells are Markdown already, `numeric` columns are right-aligned. Has
/// no lines where it has no rows.
class MarkdownTable {
 public:
  MarkdownTable(const std::vector<std::string>& header, const std::vector<bool>& numeric);
  void add(const std::vector<std::string>& cells);
  std::size_t rows() const { return rows_; }
  std::string text() const { return rows_ == 0 ? "" : lines_; }

 private:
  std::string lines_;
  std::size_t rows_ = 0;
};

}  // namespace boxoffice::reports
