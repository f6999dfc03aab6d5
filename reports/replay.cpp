// See replay.hpp.
#include "reports/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace boxoffice::reports {

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:=,+@%") == std::string::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

namespace {

/// What came from the environment as one would type it; a password stays where it came from.
std::string typed(const std::string& name, const std::string& text) {
  if (text.find(":***@") == std::string::npos)
    return shell_word(fmt::format("--{}={}", name, text));
  std::string variable = "BOXOFFICE_" + name;
  std::ranges::transform(variable, variable.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return fmt::format("\"--{}=${}\"", name, variable);
}

}  // namespace

std::string repeat_command(const Manifest& manifest) {
  if (manifest.argv.empty()) return "";
  std::string line;
  for (std::size_t i = 0; i < manifest.argv.size(); ++i) {
    const std::string& argument = manifest.argv[i];
    if (argument == "--seed") ++i;  // its value may be "random"
    if (argument == "--seed" || argument.starts_with("--seed=")) continue;
    line += (line.empty() ? "" : " ") + shell_word(argument);
  }
  for (const auto& [name, text] : manifest.environment) line += " " + typed(name, text);
  return line + fmt::format(" --seed {}", manifest.seed);
}

std::string replay_command(const Manifest& manifest) {
  return manifest.replay.empty() ? repeat_command(manifest) : manifest.replay;
}

std::string analyze_command(const Run& run, const Trial& trial) {
  return "boxoffice analyze " + shell_word((run.directory / "trials" / trial.directory).string());
}

}  // namespace boxoffice::reports
