// See run_directory.hpp.
#include "harness/run_directory.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <set>

#include "harness/failure.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"

namespace boxoffice::harness {

namespace fs = std::filesystem;

namespace {

// A directory opens like a file, and reads like an empty one.
std::ifstream open_to_read(const fs::path& file) {
  if (fs::is_directory(file))
    throw UsageError(fmt::format("{}: is a directory, not a file", file.string()));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw UsageError(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  return in;
}

// Whether anything was recorded: a line after the header.
bool has_entries(const fs::path& history) {
  std::ifstream in(history, std::ios::binary);
  std::string header;
  return std::getline(in, header) && in.peek() != std::ifstream::traits_type::eof();
}

}  // namespace

properties::History read_history_file(const fs::path& file, std::int64_t lines_max) {
  std::ifstream in = open_to_read(file);
  properties::HistoryReader reader;
  bool whole = true;
  for (std::string line; whole && lines_max-- > 0 && std::getline(in, line);) {
    whole = in.eof() ? reader.read_unfinished(line) : reader.read_line(line);
  }
  auto stored = reader.finish();
  if (!stored) {
    throw UsageError(
        fmt::format("{} line {}: {}", file.string(), stored.error().line, stored.error().message));
  }
  return std::move(stored->history);
}

RunDirectory::RunDirectory(const fs::path& parent, const std::string& command) {
  std::random_device random;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  path_ = parent / fmt::format("{:%Y-%m-%dT%H%M%SZ}-{}-{:04x}",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(now)), command,
                               random() & 0xffff);
  std::error_code error;
  made_parent_ = !fs::exists(parent, error);
  fs::create_directories(path_ / "trials", error);
  if (error) {
    throw UsageError(fmt::format("cannot write the run to {}: {} (choose another place with -o)",
                                 path_.string(), error.message()));
  }
}

fs::path RunDirectory::make_trial(std::int64_t index, const std::string& name) {
  const fs::path directory = path_ / "trials" / fmt::format("{:03}-{}", index, name);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    throw EnvironmentBroke(
        fmt::format("cannot write to {}: {}", directory.string(), error.message()));
  trials_.push_back(directory.filename().string());
  return directory;
}

bool RunDirectory::remove_unmeasured() {
  std::error_code ignored;
  for (const fs::directory_entry& trial : fs::directory_iterator(path_ / "trials", ignored)) {
    if (has_entries(trial.path() / "history.jsonl")) return false;
    for (const char* figures : {"trial.json", "load.json"}) {
      if (fs::exists(trial.path() / figures, ignored)) return false;
    }
  }
  fs::remove_all(path_, ignored);
  if (made_parent_) fs::remove(path_.parent_path(), ignored);  // unless it holds another run by now
  return true;
}

void RunDirectory::write_manifest(boost::json::object manifest) {
  manifest["trials"] = boost::json::value_from(trials_);
  write_file(path_ / "manifest.json", boost::json::serialize(manifest) + "\n");
}

void write_file(const fs::path& file, const std::string& text) {
  const fs::path part = file.string() + ".part";
  std::error_code error, ignored;
  errno = 0;
  if (!(std::ofstream(part, std::ios::binary) << text << std::flush))
    error = std::error_code(errno, std::generic_category());
  else
    fs::rename(part, file, error);
  if (!error) return;
  fs::remove(part, ignored);
  throw EnvironmentBroke(fmt::format("cannot write {}: {}", file.string(), error.message()));
}

void append_to_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << text << std::flush;
  if (!out)
    throw EnvironmentBroke(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
}

std::string read_file(const fs::path& file) {
  std::ifstream in = open_to_read(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

namespace {

// An audit is asked for the history's events and no others: files of two trials beside each other
// would accuse a server of what never happened.
void refuse_other_events(const fs::path& trial, const properties::History& history,
                         const properties::Audit& audit) {
  std::set<std::int64_t> known;
  for (const properties::EventCapacity& event : history.header.events) known.insert(event.event_id);
  for (const properties::AuditedEvent& event : audit.events) {
    if (known.contains(event.event_id)) continue;
    throw UsageError(fmt::format(
        "{}: is of event {}, of which history.jsonl knows nothing: they are of two trials",
        (trial / "audit.jsonl").string(), event.event_id));
  }
}

}  // namespace

bool ends_with_a_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == std::streampos(0)) return false;
  in.seekg(-1, std::ios::end);
  return in.get() == '\n';
}

void append_to_history(const fs::path& history, const std::string& lines) {
  if (ends_with_a_line(history)) append_to_file(history, lines);
}

void keep_breakage(const fs::path& trial, const properties::Breakage& breakage) {
  if (!fs::exists(trial / k_broke_file)) write_file(trial / k_broke_file, breakage.why + "\n");
  std::string line;
  properties::append_line(line, breakage);
  append_to_history(trial / "history.jsonl", line);
}

std::string broke_unsaid(const fs::path& trial, const properties::History& history) {
  std::error_code ignored;
  if (!fs::exists(trial / k_broke_file, ignored)) return "";
  std::string why = read_file(trial / k_broke_file);
  while (!why.empty() && why.back() == '\n') why.pop_back();
  const bool said = std::ranges::count(history.breakages, why, &properties::Breakage::why) > 0;
  return said ? "" : why;
}

properties::Verdict judge_trial(const fs::path& trial) {
  return judge_trial(trial, read_history_file(trial / "history.jsonl"));
}

std::optional<properties::Audit> read_audit_file(const fs::path& trial) {
  const fs::path file = trial / "audit.jsonl";
  if (!fs::exists(file)) return std::nullopt;
  auto read = properties::read_audit(read_file(file));
  if (!read) {
    throw UsageError(
        fmt::format("{} line {}: {}", file.string(), read.error().line, read.error().message));
  }
  return std::move(*read);
}

properties::Verdict judge_trial(const fs::path& trial, const properties::History& history) {
  const std::optional<properties::Audit> audit = read_audit_file(trial);
  if (audit) refuse_other_events(trial, history, *audit);
  properties::Verdict verdict = properties::judge(history, audit);
  if (fs::exists(trial / k_broke_file)) {
    if (std::string why = broke_unsaid(trial, history); !why.empty())  // the cause of others
      verdict.missing_evidence.insert(verdict.missing_evidence.begin(), std::move(why));
    verdict.outcome = std::max(verdict.outcome, properties::Outcome::invalid);
  }
  return verdict;
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace boxoffice::harness
