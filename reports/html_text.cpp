// Escaping, tables and sections.
#include "reports/html_text.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "reports/layout.hpp"

namespace boxoffice::reports {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : cleaned(std::string(text))) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string json_for_script(const boost::json::value& value) {
  std::string out;
  for (const char c : boost::json::serialize(value)) {
    // Such characters stand only inside strings in JSON, where the escape means the same.
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

HtmlCell HtmlCell::markup(std::string html, std::string css_class) {
  HtmlCell cell;
  cell.html = std::move(html);
  cell.css_class = std::move(css_class);
  return cell;
}

HtmlCell HtmlCell::styled(std::string_view text, std::string css_class) {
  return markup(escaped(text), std::move(css_class));
}

HtmlTable::HtmlTable(std::string_view caption, std::vector<std::string> header,
                     std::vector<bool> numeric)
    : numeric_(std::move(numeric)) {
  head_ = fmt::format("<caption>{}</caption>\n<thead><tr>", escaped(caption));
  for (std::size_t i = 0; i < header.size(); ++i) {
    head_ += fmt::format("<th scope=\"col\"{}>{}</th>", numeric_[i] ? " class=\"number\"" : "",
                         escaped(header[i]));
  }
  head_ += "</tr></thead>\n";
}

void HtmlTable::add(const std::vector<HtmlCell>& cells) {
  body_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string css = numeric_[i] ? "number" : "";
    if (!cells[i].css_class.empty()) css += (css.empty() ? "" : " ") + cells[i].css_class;
    const std::string attribute = css.empty() ? "" : fmt::format(" class=\"{}\"", css);
    // The first cell names the row for a screen reader.
    body_ += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", attribute, cells[i].html)
                    : fmt::format("<td{}>{}</td>", attribute, cells[i].html);
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  return fmt::format("<div class=\"scroll\"><table>\n{}<tbody>\n{}</tbody>\n</table></div>\n",
                     head_, body_);
}

std::string figures_behind(std::string_view title, const std::string& content) {
  return fmt::format("<details class=\"figures\"><summary>{}</summary>\n{}</details>\n",
                     escaped(title), content);
}

std::string section(std::string_view id, std::string_view title, const std::string& content) {
  return fmt::format(
      "<section id=\"{}\" aria-labelledby=\"{}-title\">\n<h2 id=\"{}-title\">{}</h2>"
      "\n{}</section>\n",
      id, id, id, escaped(title), content);
}

}  // namespace boxoffice::reports
