// See live.hpp. The escape sequences are those of ECMA-48 that every terminal of today knows:
// cursor up, erase to the end of the line, erase to the end of the screen.
#include "harness/live.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_rates_kept = 40;  // ten seconds
constexpr std::size_t k_results_kept = 4;
constexpr auto k_log_interval = 10s;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
  }
  return false;
}

bool draws_on(int descriptor) {
  return isatty(descriptor) && environment("TERM") != "dumb";
}

}  // namespace

Live::Live(bool quiet) : quiet_(quiet), terminal_(!quiet && draws_on(STDERR_FILENO)) {}

Live::~Live() {
  erase();
}

void Live::begin(const std::string& what, double left_s) {
  state_.what = what;
  state_.progress = {};
  state_.rates.clear();
  state_.run_left_s = left_at_begin_s_ = left_s;
  begun_ = said_ = Clock::now();
  draw();
}

void Live::show(const load::Progress& progress) {
  const auto now = Clock::now();
  if (!terminal_) {
    if (quiet_ || now - said_ < k_log_interval) return;
    said_ = now;
    fmt::print(stderr, "{}: {}\n", state_.what, live_line(progress));
    return;
  }
  state_.progress = progress;
  state_.rates.push_back(progress.completed_per_s);
  if (state_.rates.size() > k_rates_kept) state_.rates.pop_front();
  if (left_at_begin_s_ >= 0) {
    const double gone_s = std::chrono::duration<double>(now - begun_).count();
    state_.run_left_s = std::max(0.0, left_at_begin_s_ - gone_s);
  }
  draw();
}

void Live::end(const std::string& result) {
  erase();
  if (quiet_) return;
  const std::string line = result.empty() ? state_.what : state_.what + ": " + result;
  if (!terminal_) fmt::print(stderr, "{}\n", line);
  state_.done.push_back(line);
  if (state_.done.size() > k_results_kept) state_.done.pop_front();
}

void Live::say(const std::string& line) {
  erase();
  if (!quiet_) fmt::print(stderr, "{}\n", line);
}

void Live::complain(const std::string& line) {
  erase();
  fmt::print(stderr, "{}\n", line);
}

LiveLook Live::look() const {
  LiveLook look;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && size.ws_row > 1) {
    look.columns = size.ws_col;
    look.rows = size.ws_row;
  }
  look.utf8 = speaks_utf8();
  look.colour = environment("NO_COLOR").empty();
  return look;
}

void Live::draw() {
  if (!terminal_) return;
  std::string screen = take_back();  // in one piece, or the lines would flicker
  for (const std::string& line : live_frame(state_, look())) {
    screen += line + "\033[K\n";
    drawn_.push_back(places_of(line));
  }
  fmt::print(stderr, "{}", screen);
  std::fflush(stderr);
}

// A window that became narrower has wrapped the lines that are there: each takes as many rows as
// its places need now.
std::string Live::take_back() {
  if (drawn_.empty()) return "";
  const std::size_t columns = look().columns;
  std::size_t rows = 0;
  for (const std::size_t places : drawn_)
    rows += std::max<std::size_t>(1, (places + columns - 1) / columns);
  drawn_.clear();
  return fmt::format("\r\033[{}A\033[J", rows);
}

void Live::erase() {
  fmt::print(stderr, "{}", take_back());
  std::fflush(stderr);
}

}  // namespace boxoffice::harness
