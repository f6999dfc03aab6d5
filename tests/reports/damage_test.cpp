// Damaged run directories: whatever happened to a file that `report` reads, the answer is one line
// that names it, never a crash and never a page.
//
// Each file of a small run is cut at every length, loses each of its bytes to one that no file of
// ours has, and has each of its fields replaced by one of another kind. A flip that leaves a valid
// file (a digit for a digit) cannot be seen by a reader: there the property is only that nothing
// else than DamagedRun is ever thrown.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <set>

#include "properties/verdict_json.hpp"
#include "reports/percentiles.hpp"
#include "reports/report.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::reports {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const std::string k_trial = "trials/000-postgresql-atomic-hot-c16/";

class Damage : public testing::Test {
 protected:
  Damage() {
    run_.add("atomic", "hot", 16, 1500);
    run_.manifest["thresholds"] = {{{"threshold", "p99<50ms"}, {"measured", "9"}, {"held", true}}};
    run_.write();
    properties::Verdict verdict;
    verdict.outcome = properties::Outcome::pass;
    verdict.checks = {{"H5", properties::Outcome::pass, 3, ""}};
    verdict.missing_evidence = {"nothing is missing"};
    put(k_trial + "verdict.json", properties::verdict_line(verdict));
  }

  std::string text_of(const std::string& file) const {
    return read_text(run_.directory() / file, file);
  }
  void put(const std::string& file, const std::string& text) const {
    std::ofstream(run_.directory() / file, std::ios::binary) << text;
  }

  /// What the reader says of `file` with `text` in it: empty where it takes it. Any other exception
  /// ends the test.
  std::string complaint(const std::string& file, const std::string& text) const {
    put(file, text);
    try {
      if (file.ends_with(".hdr")) {
        parse_hdr(read_text(run_.directory() / file, file), file);
      } else {
        read_run(run_.directory());
      }
    } catch (const DamagedRun& error) {
      return error.what();
    }
    return "";
  }

  void expect_refused(const std::string& file, const std::string& text) const {
    const std::string said = complaint(file, text);
    EXPECT_TRUE(said.starts_with(file + ": ")) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }

  test::SyntheticRun run_{1};
  const std::vector<std::string> files_ = {"manifest.json", k_trial + "trial.json",
                                           k_trial + "verdict.json", k_trial + "latency.hdr"};
};

TEST_F(Damage, none_is_read) {
  EXPECT_EQ(render_run(run_.directory()).summary.exit_code, 0);
}

TEST_F(Damage, a_file_that_is_cut_off_at_any_length_is_refused) {
  for (const std::string& file : files_) {
    const std::string whole = text_of(file);
    const std::size_t content = whole.find_last_not_of(" \n") + 1;
    for (std::size_t length = 0; length < content; ++length) {
      SCOPED_TRACE(fmt::format("{}: {} of {} bytes", file, length, whole.size()));
      expect_refused(file, whole.substr(0, length));
      if (HasFailure()) return;
    }
    EXPECT_EQ(complaint(file, whole), "");
  }
}

TEST_F(Damage, a_byte_that_no_file_of_ours_has_is_refused_wherever_it_stands) {
  for (const std::string& file : files_) {
    const std::string whole = text_of(file);
    for (std::size_t at = 0; at < whole.find_last_not_of(" \n"); ++at) {
      // The mean in a histogram's footer is for other readers: ours does not look at it.
      if (file.ends_with(".hdr") && at > whole.find("#[Mean") && at < whole.find("#[Max")) continue;
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
      SCOPED_TRACE(fmt::format("{}: byte {} of {}", file, at, whole.size()));
      expect_refused(file, damaged);
      if (HasFailure()) return;
    }
    EXPECT_EQ(complaint(file, whole), "");
  }
}

TEST_F(Damage, no_flipped_bit_leads_to_anything_but_a_complaint) {
  for (const std::string& file : files_) {
    const std::string whole = text_of(file);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int bit : {0, 1, 4, 5, 6}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        refused += complaint(file, damaged).empty() ? 0U : 1U;  // anything else thrown ends it
      }
    }
    EXPECT_GT(refused, whole.size()) << file;
    EXPECT_EQ(complaint(file, whole), "");
  }
}

/// `value` with each of its members in turn, at any depth, of another kind: `use` gets the whole
/// and the path of what was changed.
template <class Use>
void with_another_kind(const json::value& whole, json::value& part, const std::string& path,
                       const Use& use) {
  const auto replace = [&](json::value& member, const std::string& at) {
    const bool nested = member.is_object() || member.is_array();
    const json::value kept = std::exchange(
        member, nested ? json::value("not nested") : json::value(json::object{{"nested", 1}}));
    use(whole, at);
    member = kept;
    if (nested) with_another_kind(whole, member, at, use);
  };
  if (part.is_object()) {
    for (auto& member : part.get_object())
      replace(member.value(), path + "." + std::string(member.key()));
  } else if (part.is_array()) {
    for (std::size_t i = 0; i < part.get_array().size(); ++i)
      replace(part.get_array()[i], fmt::format("{}[{}]", path, i));
  }
}

TEST_F(Damage, a_field_of_another_kind_is_refused) {
  // Shown as they are, whatever they are; of no use to a report.
  const std::set<std::string> taken = {".argv[0]",
                                       ".argv[1]",
                                       ".argv[2]",
                                       ".argv[3]",
                                       ".configuration.duration",
                                       ".configuration.hold",
                                       ".database.settings.max_connections",
                                       ".database.settings.fsync",
                                       ".fairness.users",
                                       ".scenario_settings.mix"};
  for (const std::string& file : files_) {
    if (file.ends_with(".hdr")) continue;
    const std::string text = text_of(file);
    json::value whole = json::parse(text);
    std::size_t fields = 0;
    with_another_kind(whole, whole, "", [&](const json::value& damaged, const std::string& path) {
      SCOPED_TRACE(file + path);
      ++fields;
      const std::string said = complaint(file, json::serialize(damaged));
      EXPECT_EQ(said.empty(), taken.contains(path)) << said;
      EXPECT_TRUE(said.empty() || said.starts_with(file + ": ")) << said;
    });
    EXPECT_GE(fields, 10U) << file;
    put(file, text);
  }
}

TEST_F(Damage, a_histogram_that_is_damaged_costs_the_page_and_not_the_verdict) {
  put(k_trial + "latency.hdr", "");
  EXPECT_THROW(render_run(run_.directory()), DamagedRun);
  EXPECT_FALSE(fs::exists(run_.directory() / "report.html"));
  EXPECT_TRUE(fs::exists(run_.directory() / "summary.json"));
}

}  // namespace
}  // namespace boxoffice::reports
