// See live_frame.hpp. A line is made of pieces, cut while they have no escape sequences yet.
#include "harness/live_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace boxoffice::harness {

namespace {

using load::Outcome;

enum class Style { plain, strong, quiet, good, bad };

/// One line that knows how much room is left.
class Line {
 public:
  explicit Line(const LiveLook& look) : look_(look), left_(look.columns - 1) {}

  std::size_t left() const { return left_; }
  void add(const std::string& text, Style style = Style::plain) {
    std::size_t end = 0;
    while (end < text.size() && left_ > 0) {
      --left_;
      do ++end;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80);
    }
    if (end == 0) return;
    static constexpr std::array<const char*, 5> k_codes{"", "\033[1m", "\033[2m", "\033[32m",
                                                        "\033[31m"};
    const bool styled = look_.colour && style != Style::plain;
    if (styled) text_ += k_codes[static_cast<std::size_t>(style)];
    text_.append(text, 0, end);
    if (styled) text_ += "\033[0m";
  }
  const std::string& text() const { return text_; }

 private:
  const LiveLook& look_;
  std::size_t left_;
  std::string text_;
};

std::string thousands(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string rate_of(double per_s) {
  return thousands(static_cast<std::uint64_t>(std::llround(std::max(0.0, per_s)))) + "/s";
}

std::string ms_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g} ms", *value) : "-";
}

std::string phase_of(const load::Progress& progress) {
  if (progress.warming_up) return "warming up";
  if (progress.left_s <= 0) return "last replies";
  if (progress.stages > 0)
    return fmt::format("stage {} of {}, {}", progress.stage, progress.stages,
                       rate_of(progress.due_per_s));
  return "measuring";
}

/// Eight heights, the highest of them the largest value.
std::string sparkline(const std::deque<double>& values, const LiveLook& look) {
  static constexpr std::array<const char*, 8> k_utf8{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::array<const char*, 8> k_ascii{"_", "_", ".", ".", ":", ":", "!", "!"};
  const double most = values.empty() ? 0 : *std::ranges::max_element(values);
  std::string text;
  for (const double value : values) {
    const auto height = most > 0 ? static_cast<std::size_t>(7 * value / most) : 0;
    text += (look.utf8 ? k_utf8 : k_ascii)[std::min<std::size_t>(height, 7)];
  }
  return text;
}

void add_bar(Line& line, double share, std::size_t width, const LiveLook& look) {
  const auto full =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string done, rest;
  for (std::size_t i = 0; i < full; ++i) done += look.utf8 ? "█" : "#";
  for (std::size_t i = full; i < width; ++i) rest += look.utf8 ? "░" : "-";
  line.add(done, Style::good);
  line.add(rest, Style::quiet);
}

std::string head_line(const LiveState& state, const LiveLook& look) {
  Line line(look);
  line.add(state.what, Style::strong);
  const std::string phase = state.progress.elapsed_s > 0 ? phase_of(state.progress) : "";
  if (!phase.empty() && line.left() > phase.size() + 1) {
    line.add(std::string(line.left() - phase.size(), ' '));
    line.add(phase);
  }
  return line.text();
}

std::string bar_line(const LiveState& state, const LiveLook& look) {
  Line line(look);
  const double gone = state.progress.elapsed_s, all = gone + state.progress.left_s;
  add_bar(line, all > 0 ? gone / all : 0, std::min<std::size_t>(30, look.columns / 3), look);
  line.add(fmt::format("  {} left", clock_text(state.progress.left_s)));
  if (state.run_left_s >= 0)
    line.add(fmt::format(", of the whole run {}", clock_text(state.run_left_s)));
  return line.text();
}

std::string rate_line(const LiveState& state, const LiveLook& look) {
  Line line(look);
  line.add("rate      ", Style::quiet);
  line.add(fmt::format("{:<12}", rate_of(state.progress.completed_per_s)), Style::strong);
  line.add("in flight ", Style::quiet);
  line.add(fmt::format("{:<9}", thousands(state.progress.in_flight)));
  line.add(sparkline(state.rates, look), Style::good);
  return line.text();
}

std::string response_line(const LiveState& state, const LiveLook& look) {
  Line line(look);
  line.add("response  ", Style::quiet);
  line.add("p50 ");
  line.add(fmt::format("{:<10}", ms_text(state.progress.p50_ms)), Style::strong);
  line.add("p99 ");
  line.add(fmt::format("{:<10}", ms_text(state.progress.p99_ms)), Style::strong);
  line.add("successes, the last second", Style::quiet);
  return line.text();
}

/// The ones that are no answer a buyer can use.
bool is_trouble(std::size_t outcome) {
  constexpr std::array k_trouble{Outcome::conflict, Outcome::lock_timeout, Outcome::overload,
                                 Outcome::error, Outcome::indeterminate};
  return std::ranges::any_of(k_trouble,
                             [&](Outcome each) { return load::index_of(each) == outcome; });
}

std::string outcome_name(std::size_t outcome) {
  std::string name(load::k_outcome_names[outcome]);
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string outcomes_line(const LiveState& state, const LiveLook& look) {
  Line line(look);
  line.add("outcomes  ", Style::quiet);
  for (std::size_t i = 0; i < load::k_outcome_count; ++i) {
    const auto count = state.progress.outcomes.counts[i];
    if (count == 0) continue;
    line.add(fmt::format("{} {}   ", outcome_name(i), thousands(count)),
             is_trouble(i) ? Style::bad : Style::plain);
  }
  return line.text();
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
  if (whole < 60) return fmt::format("{}s", whole);
  return fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

std::size_t places_of(const std::string& text) {
  std::size_t places = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
      ++places;
    }
  }
  return places;
}

std::vector<std::string> live_frame(const LiveState& state, const LiveLook& look) {
  std::vector<std::string> lines{head_line(state, look)};
  if (state.progress.elapsed_s > 0) {
    for (const auto& make : {bar_line, rate_line, response_line, outcomes_line})
      lines.push_back(make(state, look));
  }
  std::vector<std::string> frame;
  for (const std::string& result : state.done) {
    Line line(look);
    line.add(result, Style::quiet);
    frame.push_back(line.text());
  }
  frame.insert(frame.end(), lines.begin(), lines.end());
  const std::size_t room = std::max<std::size_t>(look.rows, 2) - 1;
  // Where there is little room the results go first, then the last lines.
  const std::size_t results = frame.size() - lines.size();
  const std::size_t too_many = frame.size() > room ? frame.size() - room : 0;
  frame.erase(frame.begin(),
              frame.begin() + static_cast<std::ptrdiff_t>(std::min(results, too_many)));
  if (frame.size() > room) frame.resize(room);
  return frame;
}

std::string live_line(const load::Progress& progress) {
  std::string line = fmt::format("{}: {}, p50 {}, p99 {}", clock_text(progress.elapsed_s),
                                 rate_of(progress.completed_per_s), ms_text(progress.p50_ms),
                                 ms_text(progress.p99_ms));
  for (std::size_t i = 0; i < load::k_outcome_count; ++i) {
    if (const auto count = progress.outcomes.counts[i])
      line += fmt::format(", {} {}", outcome_name(i), thousands(count));
  }
  return line;
}

}  // namespace boxoffice::harness
