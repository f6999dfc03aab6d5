// Every query of the dashboard and of the alert rules asks for metrics, labels and values that a
// server has: a name that is wrong would show as an empty panel, or as an alert that never fires.
#include <gtest/gtest-spi.h>

#include <regex>
#include <sstream>

#include "harness/database/private_mariadb.hpp"
#include "tests/certificates.hpp"
#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

/// What Prometheus itself adds.
const std::set<std::string> k_of_prometheus = {"up"};
const std::set<std::string> k_labels_of_prometheus = {"job", "instance"};

std::filesystem::path docker() {
  return std::filesystem::path(BOXOFFICE_SOURCE_DIR) / "docker";
}

void collect_expressions(const boost::json::value& from, std::vector<std::string>& to) {
  if (from.is_array()) {
    for (const auto& element : from.as_array()) collect_expressions(element, to);
  }
  if (!from.is_object()) return;
  for (const auto& [key, value] : from.as_object()) {
    if (key == "expr") to.emplace_back(value.as_string());
    collect_expressions(value, to);
  }
}

std::vector<std::string> expressions_of_the_dashboard() {
  std::vector<std::string> expressions;
  const auto text = text_of(docker() / "grafana" / "dashboard.json");
  collect_expressions(boost::json::parse(text), expressions);
  return expressions;
}

/// `expr: ...` on a line, or behind `expr: |` on the lines that are indented further.
std::vector<std::string> expressions_of_the_rules() {
  std::vector<std::string> expressions;
  std::istringstream lines(text_of(docker() / "prometheus" / "rules.yml"));
  std::size_t inside = std::string::npos;
  for (std::string line; std::getline(lines, line);) {
    const auto indent = line.find_first_not_of(' ');
    if (inside != std::string::npos && indent != std::string::npos && indent > inside) {
      expressions.back() += line.substr(indent) + ' ';
      continue;
    }
    inside = std::string::npos;
    const auto at = line.find("expr: ");
    if (at == std::string::npos || at != indent) continue;
    const auto rest = line.substr(at + 6);
    expressions.push_back(rest == "|" ? "" : rest);
    if (rest == "|") inside = at;
  }
  return expressions;
}

class Dashboard : public ServerTest {
 protected:
  /// One scrape of a server on each kind of engine: what only InnoDB tells is not on PostgreSQL.
  static std::vector<MetricsText> scrapes(const std::string& postgresql) {
    harness::PrivateMariadb mariadb({.durability = harness::Durability::relaxed,
                                     .storage = harness::Storage::memory,
                                     .connections_max = 100,
                                     .binaries = {}});
    harness::Sql(mariadb.url()).run("CREATE DATABASE seeded");
    const Workspace workspace;
    prepare_database(workspace, mariadb.url("seeded"));
    std::vector<MetricsText> texts;
    for (const auto& url : {postgresql, mariadb.url("seeded")}) {
      const RunningServer server(workspace, url);
      EXPECT_EQ(200, server.client().ask("GET", "/api/events").status());
      std::string text;
      EXPECT_TRUE(eventually([&] {
        text = server.client().ask("GET", "/metrics").raw.body;
        return text.find("boxoffice_lock_waiting_sessions{") != std::string::npos;
      }));
      texts.emplace_back(text);
    }
    texts.push_back(encrypted_scrape(workspace, postgresql));
    return texts;
  }
  /// What only a server with TLS tells.
  static MetricsText encrypted_scrape(const Workspace& workspace, const std::string& database) {
    const auto issued = Authority(workspace.path(), "ours").issue("server", "IP:127.0.0.1");
    const RunningServer server(workspace, database,
                               {"--tls-certificate", issued.certificate.string(), "--tls-key",
                                issued.key.string(), "--operations-port", "0"});
    return MetricsText(Client(server.operations_port()).ask("GET", "/metrics").raw.body);
  }

  bool exists(const std::string& name) const {
    return std::ranges::any_of(texts_, [&](const auto& t) { return t.names().contains(name); });
  }
  void expect_matcher(const std::string& name, const std::string& label,
                      const std::string& values) {
    if (k_labels_of_prometheus.contains(label)) return;
    std::set<std::string> known;
    for (const auto& text : texts_) known.merge(text.values_of(name, label));
    EXPECT_FALSE(known.empty()) << name << " has no label " << label;
    if (values == "none") return;  // of requests without a route; a matcher leaves these out
    std::istringstream alternatives(values);
    for (std::string value; std::getline(alternatives, value, '|');) {
      EXPECT_TRUE(known.contains(value)) << name << " has no " << label << " " << value;
    }
  }
  /// Returns how many names it has found.
  int check(const std::string& expression) {
    SCOPED_TRACE(expression);
    static const std::regex name(R"re(\b((?:boxoffice|process)_\w+|up)\b(?:\{([^}]*)\})?)re");
    static const std::regex matcher(R"re((\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)")re");
    int found = 0;
    for (std::sregex_iterator at(expression.begin(), expression.end(), name), end; at != end;
         ++at, ++found) {
      const std::string metric = (*at)[1], matchers = (*at)[2];
      if (k_of_prometheus.contains(metric)) continue;
      EXPECT_TRUE(exists(metric)) << metric;
      for (std::sregex_iterator m(matchers.begin(), matchers.end(), matcher); m != end; ++m) {
        expect_matcher(metric, (*m)[1], (*m)[2]);
      }
    }
    return found;
  }

  std::vector<MetricsText> texts_ = scrapes(url_);
};

TEST_F(Dashboard, EveryQueryAndEveryAlertNamesWhatThereIs) {
  const auto queries = expressions_of_the_dashboard();
  EXPECT_GE(queries.size(), 30U);
  for (const auto& query : queries) EXPECT_GE(check(query), 1) << query;
  const auto alerts = expressions_of_the_rules();
  const std::regex alert_line("- alert: ");
  const auto text = text_of(docker() / "prometheus" / "rules.yml");
  EXPECT_EQ(std::distance(std::sregex_iterator(text.begin(), text.end(), alert_line), {}),
            std::ssize(alerts));
  for (const auto& alert : alerts) EXPECT_GE(check(alert), 1) << alert;
}

TEST_F(Dashboard, AWrongNameLabelOrValueWouldBeFound) {
  const auto rejects = [&](const std::string& query) {
    testing::TestPartResultArray failures;
    {
      testing::ScopedFakeTestPartResultReporter catcher(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures);
      check(query);
    }
    return failures.size() > 0;
  };
  EXPECT_FALSE(rejects(R"(rate(boxoffice_transaction_attempts_total{operation="reserve"}[5m]))"));
  EXPECT_TRUE(rejects("rate(boxoffice_transaction_attempt_total[5m])"));
  EXPECT_TRUE(rejects(R"(boxoffice_transaction_attempts_total{operations="reserve"})"));
  EXPECT_TRUE(rejects(R"(boxoffice_transaction_attempts_total{operation=~"reserve|book"})"));
}

}  // namespace
}  // namespace boxoffice::tests
