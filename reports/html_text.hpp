// Text into HTML. Everything that comes from a run directory is hostile until it is escaped: a
// scenario may be called
// "<script>". So a table's cell takes plain text and escapes it, and markup has to be asked for by
// name.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::reports {

/// For element content and for attribute values in double quotes.
std::string escaped(std::string_view text);

/// JSON for the inside of a <script> element: no '<', '>' or '&' is left that could end it.
std::string json_for_script(const boost::json::value& value);

struct HtmlCell {
  HtmlCell(std::string_view text) : html(escaped(text)) {}
  HtmlCell(const std::string& text) : html(escaped(text)) {}
  HtmlCell(const char* text) : html(escaped(text)) {}
  static HtmlCell markup(std::string html, std::string css_class = "");
  static HtmlCell styled(std::string_view text, std::string css_class);

  std::string html;
  std::string css_class;

 private:
  HtmlCell() = default;
};

/// A table inside a box that scrolls sideways where the page is narrow.
class HtmlTable {
 public:
  /// `numeric` columns are right-aligned. The caption is for those who cannot see where the table
  /// stands.
  HtmlTable(std::string_view caption, std::vector<std::string> header, std::vector<bool> numeric);
  void add(const std::vector<HtmlCell>& cells);
  std::string html() const;

 private:
  std::vector<bool> numeric_;
  std::string head_;
  std::string body_;
};

/// A closed <details> with the figures behind a chart.
std::string figures_behind(std::string_view title, const std::string& content);

/// A <section> with its heading; `id` is a word of ours, not of the run's.
std::string section(std::string_view id, std::string_view title, const std::string& content);

}  // namespace boxoffice::reports
