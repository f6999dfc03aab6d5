// See activity.hpp. Each engine's statement gives rows of a name and a number.
#include "harness/database/activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "harness/database/engine.hpp"

namespace boxoffice::harness {
namespace {

using namespace std::chrono_literals;
using Member = std::optional<std::int64_t> Activity::*;

constexpr auto k_interval_min = 50ms;
constexpr int k_pause_of_time = 100;  // see the essay in activity.hpp

const std::map<std::string, Member, std::less<>> k_members{
    {"commits", &Activity::commits},
    {"rollbacks", &Activity::rollbacks},
    {"deadlocks", &Activity::deadlocks},
    {"waiting", &Activity::waiting},
    {"log_bytes", &Activity::log_bytes},
    {"Com_commit", &Activity::commits},
    {"Com_rollback", &Activity::rollbacks},
    {"Innodb_deadlocks", &Activity::deadlocks},  // MariaDB
    {"Innodb_row_lock_waits", &Activity::lock_waits},
    {"Innodb_row_lock_time", &Activity::lock_wait_ms},
    {"Innodb_row_lock_current_waits", &Activity::waiting},
    {"Innodb_os_log_written", &Activity::log_bytes}};

constexpr std::array<Member, 6> k_counters{&Activity::commits,      &Activity::rollbacks,
                                           &Activity::deadlocks,    &Activity::lock_waits,
                                           &Activity::lock_wait_ms, &Activity::log_bytes};

std::optional<std::int64_t> difference(const Activity& from, const Activity& to, Member member) {
  if (!(from.*member) || !(to.*member)) return std::nullopt;
  return *(to.*member) - *(from.*member);
}

std::string text_of(const std::optional<std::int64_t>& value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

Activity read_activity(Sql& session) {
  Activity activity;
  for (const SqlRow& row : session.query(engine_sql(session.dialect()).activity)) {
    const auto member = k_members.find(row.at(0).value());
    if (member != k_members.end()) activity.*(member->second) = std::stoll(row.at(1).value());
  }
  return activity;
}

ActivityWatch::ActivityWatch(const std::string& url) {
  try {
    session_.emplace(url);
    read_activity(*session_);  // the first is slower: it fills the session's caches
  } catch (const SqlError&) {  // where it matters, somebody else says so
  }
}

bool ActivityWatch::sample() {
  if (!session_) return false;
  const auto asked = Clock::now();
  try {
    const Activity now = read_activity(*session_);
    const auto answered = Clock::now();
    quickest_ = std::min(quickest_, answered - asked);
    samples_.push_back({std::chrono::duration<double>(answered - begin_).count(), now});
    return true;
  } catch (const std::exception&) {  // it says so by the samples that are not there
    return false;
  }
}

void ActivityWatch::begin() noexcept {
  try {
    begin_ = Clock::now();
    if (sample()) thread_ = std::thread([this] { watch(); });
  } catch (const std::exception&) {  // no memory, no thread: no samples
  }
}

void ActivityWatch::watch() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto pause = std::max<Clock::duration>(k_interval_min, k_pause_of_time * quickest_);
    if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
    if (!sample()) return;
  }
}

void ActivityWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t ActivityWatch::samples() {
  const std::lock_guard lock(mutex_);
  return samples_.size();
}

void ActivityWatch::end() {
  stop();
  if (!samples_.empty()) sample();
}

std::optional<ActivityWatch::Figures> ActivityWatch::figures() const {
  if (samples_.size() < 2) return std::nullopt;
  const Sample &first = samples_.front(), &last = samples_.back();
  Figures figures;
  figures.samples = samples_.size();
  figures.window_s = last.t_s - first.t_s;
  if (figures.window_s <= 0) return std::nullopt;
  figures.sampling_share = std::chrono::duration<double>(quickest_).count() *
                           static_cast<double>(figures.samples - 2) / figures.window_s;
  for (const Member member : k_counters)
    figures.change.*member = difference(first.now, last.now, member);
  double waited = 0;  // sessions times seconds
  for (std::size_t i = 1; i < samples_.size(); ++i) {
    const auto &before = samples_[i - 1].now.waiting, &after = samples_[i].now.waiting;
    if (!before || !after) return figures;
    waited += static_cast<double>(*before + *after) / 2 * (samples_[i].t_s - samples_[i - 1].t_s);
  }
  figures.waiting_mean = waited / figures.window_s;
  return figures;
}

std::string ActivityWatch::csv() const {
  std::string csv = "t_s,commits,rollbacks,deadlocks,lock_waits,lock_wait_ms,log_bytes,waiting\n";
  for (const Sample& each : samples_) {
    csv += fmt::format("{:.3f}", each.t_s);
    for (const Member member : k_counters)
      csv += "," + text_of(difference(samples_.front().now, each.now, member));
    csv += "," + text_of(each.now.waiting) + "\n";
  }
  return csv;
}

}  // namespace boxoffice::harness
