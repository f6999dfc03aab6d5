// See live.hpp.
#include "harness/live.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace boxoffice::harness {

using load::Outcome;

Live::Live(bool quiet) : quiet_(quiet), terminal_(!quiet && isatty(STDERR_FILENO)) {}

Live::~Live() {
  erase();
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
  if (whole < 60) return fmt::format("{}s", whole);
  return fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

void Live::begin(const std::string& what, double left_s) {
  what_ = what;
  left_s_ = left_s;
  begun_ = std::chrono::steady_clock::now();
  draw(what);
}

void Live::show(const load::Progress& progress) {
  if (!terminal_) return;
  const double gone =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  const auto ms = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : "-";
  };
  std::string line = fmt::format("{}  {:.0f}/s  p50 {} p99 {} ms", what_, progress.completed_per_s,
                                 ms(progress.p50_ms), ms(progress.p99_ms));
  if (const auto sold_out = progress.outcomes[Outcome::sold_out])
    line += fmt::format("  sold out {}", sold_out);
  const auto trouble = progress.outcomes[Outcome::conflict] +
                       progress.outcomes[Outcome::lock_timeout] +
                       progress.outcomes[Outcome::overload] + progress.outcomes[Outcome::error] +
                       progress.outcomes[Outcome::indeterminate];
  if (trouble) line += fmt::format("  failed {}", trouble);
  if (left_s_ >= 0) line += fmt::format("  {} left", clock_text(left_s_ - gone));
  draw(line);
}

void Live::end(const std::string& result) {
  erase();
  if (!quiet_ && !terminal_) fmt::print(stderr, "{}: {}\n", what_, result);
}

void Live::say(const std::string& line) {
  erase();
  if (!quiet_) fmt::print(stderr, "{}\n", line);
}

std::size_t Live::width() const {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Live::draw(const std::string& line) {
  if (!terminal_) return;
  fmt::print(stderr, "\r\033[K{}", line.substr(0, width() - 1));
  std::fflush(stderr);
}

void Live::erase() {
  if (!terminal_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace boxoffice::harness
