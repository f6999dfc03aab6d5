// One setting: its name, what it takes and how it is shown. From this one description come the flag
// (--idle-timeout), the environment's variable (BOXOFFICE_SERVER_IDLE_TIMEOUT), the key of the TOML
// file (idle_timeout), the help, --print-config, and what a reload compares.
//
// A value is a text until its setting takes it, wherever it came from: a duration is spelled the
// same in a flag and in a file. What is particular to TOML is the type that it writes a value in.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/configuration.hpp"

namespace boxoffice::server {

/// How TOML writes a value: 5, "5m", true, and for `number_or_word` either 5 or "unlimited".
enum class Kind { number, text, boolean, number_or_word };

struct Setting {
  std::string key;   ///< idle_timeout
  std::string help;  ///< one line
  std::string form;  ///< what it takes: "a whole number from 1 to 64"
  Kind kind = Kind::text;
  /// False where the text is not of this form. May throw ConfigurationError, which says more.
  std::function<bool(Configuration&, const std::string& text)> take;
  /// A text that `take` takes; nothing where the setting has no value.
  std::function<std::optional<std::string>(const Configuration&)> show;
  std::function<std::string(const std::string& text)> mask = nullptr;  ///< for what holds secrets
  bool reloadable = false;    ///< takes effect at SIGHUP: see reload.cpp
  std::string variable = {};  ///< of the environment, where it has a name of its own

  /// --idle-timeout
  std::string flag() const;
  /// BOXOFFICE_SERVER_IDLE_TIMEOUT
  std::string environment() const;
  /// What may be printed: `show` with what is secret masked.
  std::optional<std::string> display(const Configuration&) const;
};

// In the functions below `of` is [](auto& c) -> auto& { return c.hold; }: the value's place.

/// Ten years: with more, the times that are reckoned from it leave what a database can store.
inline constexpr Duration k_longest{std::chrono::days(3650)};

template <class Of>
Setting duration_setting(std::string key, std::string help, std::int64_t least_us, Of of) {
  const auto take = [of, least_us](Configuration& c, const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration || duration->count() < least_us || *duration > k_longest) return false;
    of(c) = *duration;
    return true;
  };
  const auto show = [of](const Configuration& c) { return std::optional(to_text(of(c))); };
  return {std::move(key),
          std::move(help),
          "a duration such as 200ms, 30s or 5m" +
              (least_us > 0 ? ", at least " + to_text(Duration{least_us}) : "") + ", at most " +
              to_text(k_longest),
          Kind::text,
          take,
          show};
}

template <class Of>
Setting count_setting(std::string key, std::string help, std::int64_t least, std::int64_t most,
                      Of of) {
  const auto take = [of, least, most](Configuration& c, const std::string& text) {
    const auto count = parse_count(text);
    if (!count || *count < least || *count > most) return false;
    of(c) = static_cast<std::remove_reference_t<decltype(of(c))>>(*count);
    return true;
  };
  const auto show = [of](const Configuration& c) { return std::optional(std::to_string(of(c))); };
  return {std::move(key),
          std::move(help),
          fmt::format("a whole number from {} to {}", least, most),
          Kind::number,
          take,
          show};
}

/// Has no value while the text is empty.
template <class Of>
Setting text_setting(std::string key, std::string help, Of of) {
  const auto take = [of](Configuration& c, const std::string& text) {
    of(c) = text;
    return true;
  };
  const auto show = [of](const Configuration& c) -> std::optional<std::string> {
    return of(c).empty() ? std::nullopt : std::optional(of(c));
  };
  return {std::move(key), std::move(help), "a text", Kind::text, take, show};
}

template <class Of>
Setting boolean_setting(std::string key, std::string help, Of of) {
  const auto take = [of](Configuration& c, const std::string& text) {
    if (text != "true" && text != "false") return false;
    of(c) = text == "true";
    return true;
  };
  const auto show = [of](const Configuration& c) {
    return std::optional<std::string>(of(c) ? "true" : "false");
  };
  return {std::move(key), std::move(help), "true or false", Kind::boolean, take, show};
}

/// A file that is written, in a directory that is there.
template <class Of>
Setting output_setting(std::string key, std::string help, Of of) {
  auto file = text_setting(std::move(key), std::move(help), of);
  file.take = [of](Configuration& c, const std::string& text) {
    if (text.empty()) return false;
    std::error_code error;  // a path may hold anything; what cannot be looked at is no directory
    const auto directory = std::filesystem::absolute(text, error).parent_path();
    of(c) = text;
    return !error && std::filesystem::is_directory(directory, error);
  };
  file.form = "a file in a directory that exists";
  return file;
}

/// A file that is read when the server starts; --check-config reads it too.
template <class Of>
Setting input_setting(std::string key, std::string help, Of of) {
  auto file = text_setting(std::move(key), std::move(help), of);
  file.take = [of](Configuration& c, const std::string& text) {
    of(c) = text;
    return !text.empty();
  };
  file.form = "a file's path";
  return file;
}

}  // namespace boxoffice::server
