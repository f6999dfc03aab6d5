// See url_text.hpp.
#include "harness/database/url_text.hpp"

#include <algorithm>

namespace boxoffice::harness {

namespace {

// A password with an '@' must be written %40 in a URL, so that the first one ends it.
std::string url_without_password(std::string text) {
  const auto authority = text.find("://") + 3;
  const auto end = std::min(text.find_first_of("/?", authority), text.size());
  const auto at = std::min(text.find('@', authority), end);
  const auto colon = text.find(':', authority);
  if (at < end && colon < at) text.replace(colon + 1, at - colon - 1, "***");
  const std::string parameter = "password=";
  const auto query = std::min(text.find('?'), text.size());
  if (const auto given = text.find(parameter, query); given != std::string::npos) {
    const auto begin = given + parameter.size();
    text.replace(begin, std::min(text.find_first_of("& \"'", begin), text.size()) - begin, "***");
  }
  return text;
}

}  // namespace

// The next URL of a list begins after the last comma before its own "://".
std::string without_password(const std::string& text) {
  const std::string mark = "://";
  const auto first = text.find(mark);
  if (first == std::string::npos) return text;
  const auto next = text.find(mark, first + mark.size());
  const auto comma = next == std::string::npos ? next : text.rfind(',', next);
  if (comma == std::string::npos || comma < first) return url_without_password(text);
  return url_without_password(text.substr(0, comma)) + "," +
         without_password(text.substr(comma + 1));
}

std::string one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace boxoffice::harness
