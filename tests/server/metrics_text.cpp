// See metrics_text.hpp. Source of the form: prometheus.io, "Exposition formats", text-based format.
#include "metrics_text.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace boxoffice::tests {
namespace {

[[noreturn]] void reject(const std::string& why, const std::string& line) {
  throw std::runtime_error("metrics: " + why + ": " + line);
}

/// "x_bucket", "x_sum" and "x_count" are samples of the histogram x.
std::string family_of(const std::string& name, const std::map<std::string, std::string>& types) {
  for (const std::string ending : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(ending)) continue;
    const auto family = name.substr(0, name.size() - ending.size());
    const auto type = types.find(family);
    if (type != types.end() && type->second == "histogram") return family;
  }
  return name;
}

}  // namespace

MetricsText::MetricsText(const std::string& text) {
  if (text.empty() || text.back() != '\n') reject("no line feed at the end", "");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, keyword, name, type;
    if (line.empty() || line.starts_with("# HELP ")) continue;
    if (!line.starts_with("# TYPE ")) {
      take_sample(line);
      continue;
    }
    words >> hash >> keyword >> name >> type;
    if (!types_.emplace(name, type).second) reject("a second type", line);
  }
}

void MetricsText::take_sample(const std::string& line) {
  static const std::regex form(R"re(([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+))re");
  static const std::regex label(R"re(([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?)re");
  std::smatch parts;
  if (!std::regex_match(line, parts, form)) reject("no sample", line);
  Sample sample{parts[1], {}, std::stod(parts[3])};
  const std::string labels = parts[2];
  std::ptrdiff_t read = 0;
  for (std::sregex_iterator at(labels.begin(), labels.end(), label), end; at != end; ++at) {
    if (at->position() != read) reject("labels", line);
    read += at->length();
    if (!sample.labels.emplace((*at)[1], (*at)[2]).second) reject("a label twice", line);
  }
  if (read != std::ssize(labels)) reject("labels", line);
  if (!types_.contains(family_of(sample.name, types_))) reject("no type", line);
  const auto same = [&](const Sample& other) {
    return other.name == sample.name && other.labels == sample.labels;
  };
  if (std::ranges::any_of(samples_, same)) reject("a sample twice", line);
  samples_.push_back(std::move(sample));
}

std::vector<const MetricsText::Sample*> MetricsText::find(
    const std::string& name, const std::map<std::string, std::string>& labels) const {
  std::vector<const Sample*> found;
  for (const auto& sample : samples_) {
    if (sample.name == name && std::ranges::includes(sample.labels, labels)) {
      found.push_back(&sample);
    }
  }
  return found;
}

double MetricsText::value(const std::string& name,
                          const std::map<std::string, std::string>& labels) const {
  const auto found = find(name, labels);
  if (found.size() != 1) reject(std::to_string(found.size()) + " samples", name);
  return found.front()->value;
}

double MetricsText::sum(const std::string& name,
                        const std::map<std::string, std::string>& labels) const {
  double sum = 0;
  for (const auto* sample : find(name, labels)) sum += sample->value;
  return sum;
}

std::set<std::string> MetricsText::names() const {
  std::set<std::string> names;
  for (const auto& sample : samples_) names.insert(sample.name);
  return names;
}

std::set<std::string> MetricsText::values_of(const std::string& name,
                                             const std::string& label) const {
  std::set<std::string> values;
  for (const auto* sample : find(name, {})) {
    const auto value = sample->labels.find(label);
    if (value != sample->labels.end()) values.insert(value->second);
  }
  return values;
}

std::set<std::string> MetricsText::labels_of(const std::string& name) const {
  std::set<std::string> labels;
  for (const auto* sample : find(name, {})) {
    for (const auto& [label, value] : sample->labels) labels.insert(label);
  }
  return labels;
}

}  // namespace boxoffice::tests
