// See configuration_file.hpp. toml++ reads; what a value may be is the settings' business, so here
// a value only becomes the text that a flag would have had.
#include "server/configuration_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "server/settings.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

using strategies::ConfigurationError;

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad()) throw ConfigurationError("cannot read the configuration file " + path);
  return text.str();
}

toml::table parse(const std::string& path) {
  try {
    return toml::parse(text_of_file(path), path);
  } catch (const toml::parse_error& error) {
    throw ConfigurationError(
        fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

const char* type_of(Kind kind) {
  switch (kind) {
    case Kind::number:
      return "a whole number";
    case Kind::text:
      return "a text in quotes";
    case Kind::boolean:
      return "true or false";
    case Kind::number_or_word:
      return "a whole number or a text in quotes";
  }
  return "";
}

/// Nothing where TOML's type is not the setting's.
std::optional<std::string> text_of(const toml::node& node, Kind kind) {
  const bool number = kind == Kind::number || kind == Kind::number_or_word;
  const bool text = kind == Kind::text || kind == Kind::number_or_word;
  if (const auto* value = node.as_integer(); value && number) return std::to_string(value->get());
  if (const auto* value = node.as_string(); value && text) return value->get();
  if (const auto* value = node.as_boolean(); value && kind == Kind::boolean) {
    return value->get() ? "true" : "false";
  }
  return std::nullopt;
}

bool is_number(const std::string& text) {
  return parse_digits(text).has_value();
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::table{{"x", text}};
  return out.str().substr(std::string_view("x = ").size());
}

std::string value_of(const std::string& text, Kind kind) {
  const bool bare = kind == Kind::number || kind == Kind::boolean ||
                    (kind == Kind::number_or_word && is_number(text));
  return bare ? text : quoted(text);
}

}  // namespace

std::vector<Given> read_configuration_file(const std::string& path,
                                           std::span<const Setting> settings) {
  struct Placed {
    std::uint32_t line;
    Given given;
  };
  std::vector<Placed> placed;
  for (const auto& [name, node] : parse(path)) {
    const auto line = name.source().begin.line;
    const auto where = fmt::format("{}:{}: ", path, line);
    const Setting* setting = find_setting(settings, name.str());
    if (setting == nullptr) {
      throw ConfigurationError(fmt::format("{}unknown key '{}'", where, name.str()));
    }
    auto text = text_of(node, setting->kind);
    if (!text) {
      throw ConfigurationError(
          fmt::format("{}{} has to be {}", where, setting->key, type_of(setting->kind)));
    }
    placed.push_back({line, {setting, std::move(*text), where + setting->key}});
  }
  std::ranges::sort(placed, {}, &Placed::line);
  std::vector<Given> given;
  for (auto& each : placed) given.push_back(std::move(each.given));
  return given;
}

std::string to_toml(const Configuration& configuration, std::span<const Setting> settings) {
  std::string out = "# boxoffice-server --config FILE; what is commented out has no value\n";
  for (const Setting& setting : settings) {
    const auto text = setting.display(configuration);
    out += fmt::format("\n# {}\n", setting.help);
    out += text ? fmt::format("{} = {}\n", setting.key, value_of(*text, setting.kind))
                : fmt::format("# {} =\n", setting.key);
  }
  return out;
}

}  // namespace boxoffice::server
