// What docs/operations.md tells to do, done word for word.
#include <regex>

#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

/// The ```sql blocks on a broken identity, of `event` for the one in the text and of `total`
/// tickets.
std::vector<std::string> documented_repair(std::int64_t event, std::int64_t total) {
  auto text = text_of(std::filesystem::path(BOXOFFICE_SOURCE_DIR) / "docs" / "operations.md");
  text = text.substr(text.find("### BoxOfficeIdentityBroken"));
  text = text.substr(0, text.find("### BoxOfficeIdentityUnchecked"));
  text = std::regex_replace(text, std::regex("\\b17\\b"), std::to_string(event));
  text = std::regex_replace(text, std::regex("\\b1000\\b"), std::to_string(total));
  const std::string fence = "```sql\n";
  std::vector<std::string> steps;
  for (auto at = text.find(fence); at != text.npos; at = text.find(fence, at)) {
    at += fence.size();
    steps.push_back(text.substr(at, text.find("```", at) - at));
  }
  return steps;
}

class Runbook : public ServerTest {
 protected:
  std::int64_t left() { return sql_.number("SELECT available_tickets FROM events WHERE id = 1"); }
  std::int64_t total() { return sql_.number("SELECT total_tickets FROM events WHERE id = 1"); }
  static bool becomes(const RunningServer& server, int broken_events) {
    return eventually([&] {
      const MetricsText text(server.client().ask("GET", "/metrics").raw.body);
      return text.value("boxoffice_identity_broken_events") == broken_events;
    });
  }
};

// The worse direction: what is shown as left is sold, and does not exist.
TEST_F(Runbook, AnEventThatShowsTooManyTicketsIsStoppedAndRepaired) {
  RunningServer server = serve({"--sweep-interval", "20ms"});
  const std::int64_t all = total();
  const auto steps = documented_repair(1, all);
  ASSERT_EQ(3U, steps.size());
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1, 2).status());
  sql_.run("UPDATE events SET available_tickets = available_tickets + 1 WHERE id = 1");
  EXPECT_TRUE(becomes(server, 1));

  sql_.run(steps[0]);
  EXPECT_EQ("sold_out", server.client(tokens_[2]).reserve(1).text("/code"));
  sql_.run(steps[1]);
  EXPECT_EQ(all, total());
  EXPECT_EQ(all - 2, left());
  EXPECT_TRUE(becomes(server, 0));
  EXPECT_EQ(201, server.client(tokens_[2]).reserve(1).status());
}

TEST_F(Runbook, AnEventThatWasOversoldIsSaidToBeAndSellsNothingMore) {
  RunningServer server = serve({"--sweep-interval", "20ms"});
  const std::int64_t all = total();
  const auto steps = documented_repair(1, all);
  ASSERT_EQ(3U, steps.size());
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1).status());
  sql_.query("UPDATE reservations SET quantity = $1", {std::to_string(all + 3)});
  EXPECT_TRUE(becomes(server, 1));

  sql_.run(steps[0]);
  try {
    sql_.run(steps[1]);
    ADD_FAILURE() << "more is taken than there is, and nothing says so";
  } catch (const harness::SqlError& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("chk_available_tickets_positive"));
  }
  sql_.run("ROLLBACK");
  sql_.run(steps[2]);
  EXPECT_EQ(all + 3, total());
  EXPECT_EQ(0, left());
  EXPECT_TRUE(becomes(server, 0));
  EXPECT_EQ("sold_out", server.client(tokens_[2]).reserve(1).text("/code"));
}

}  // namespace
}  // namespace boxoffice::tests
