// The drill of docs/operations.md, with Prometheus' own programs: they read what a server says,
// under the configuration and the rules that are shipped, and an alert fires and ends.
#include <fmt/format.h>

#include <fstream>
#include <regex>

#include "tests/e2e/deployed.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;

fs::path shipped(const std::string& file) {
  return fs::path(BOXOFFICE_SOURCE_DIR) / "docker" / "prometheus" / file;
}

/// Prometheus over one server, asking and thinking five times a second.
class Prometheus {
 public:
  Prometheus(const Workspace& workspace, std::uint16_t server_port) {
    auto text = text_of(shipped("prometheus.yml"));
    text = std::regex_replace(text, std::regex("\\b15s\\b"), "200ms");
    text = std::regex_replace(text, std::regex("targets: \\[server[^\\]]*\\]"),
                              fmt::format("targets: [127.0.0.1:{}]", server_port));
    const auto file = workspace.path() / "prometheus.yml";
    std::ofstream(file) << text;
    fs::copy_file(shipped("rules.yml"), workspace.path() / "rules.yml");
    program_ = std::make_unique<Program>(
        workspace, find_deployed("prometheus"),
        std::vector<std::string>{"--config.file=" + file.string(),
                                 "--storage.tsdb.path=" + (workspace.path() / "data").string(),
                                 "--web.listen-address=127.0.0.1:0"});
    const std::regex listening(R"re("Listening on" address=127\.0\.0\.1:(\d+))re");
    const auto listens = [&] {
      std::smatch found;
      const auto said = program_->err();
      if (!std::regex_search(said, found, listening)) return false;
      port_ = static_cast<std::uint16_t>(std::stoi(found[1]));
      return true;
    };
    if (!eventually(listens, 20s)) throw std::runtime_error("Prometheus: " + program_->err());
  }

  /// The value of the one series that `query` gives; nothing where there is none.
  std::optional<std::string> value(const std::string& query) const {
    const auto reply = get("/api/v1/query?query=" + query);
    if (reply.status() != 200) return std::nullopt;
    const auto& result = reply.body.at_pointer("/data/result").as_array();
    if (result.size() != 1) return std::nullopt;
    return std::string(result[0].at("value").as_array().at(1).as_string());
  }
  /// "firing", "pending", or empty.
  std::string state_of(const std::string& alert) const {
    const auto reply = get("/api/v1/alerts");
    if (reply.status() != 200) return "no reply";
    for (const auto& active : reply.body.at_pointer("/data/alerts").as_array()) {
      if (active.at_pointer("/labels/alertname").as_string() == alert) {
        return std::string(active.at("state").as_string());
      }
    }
    return "";
  }

 private:
  // Not by ask(): our contract does not bind Prometheus.
  Reply get(const std::string& path) const {
    return Client(port_).send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  std::unique_ptr<Program> program_;
  std::uint16_t port_ = 0;
};

class Alerts : public ServerTest {
 protected:
  void SetUp() override {
    if (find_deployed("prometheus").empty() || find_deployed("promtool").empty()) {
      GTEST_SKIP() << "NOT TESTED: alerts, for there is no Prometheus (cmake/deployment)";
    }
  }
};

TEST_F(Alerts, ABrokenIdentityFiresAndItsRepairEndsIt) {
  RunningServer server = serve({"--sweep-interval", "20ms"});
  const Prometheus prometheus(workspace_, server.port());
  EXPECT_TRUE(eventually([&] { return prometheus.value("up") == "1"; }, 30s));
  EXPECT_TRUE(
      eventually([&] { return prometheus.value("boxoffice_identity_broken_events") == "0"; }, 30s));
  EXPECT_EQ("", prometheus.state_of("BoxOfficeIdentityBroken"));

  sql_.run("UPDATE events SET available_tickets = available_tickets - 1 WHERE id = 1");
  EXPECT_TRUE(
      eventually([&] { return prometheus.state_of("BoxOfficeIdentityBroken") == "firing"; }, 30s));
  sql_.run("UPDATE events SET available_tickets = available_tickets + 1 WHERE id = 1");
  EXPECT_TRUE(
      eventually([&] { return prometheus.state_of("BoxOfficeIdentityBroken").empty(); }, 30s));

  EXPECT_EQ("", prometheus.state_of("BoxOfficeInstanceDown"));
  server.program().process().signal(SIGKILL);
  EXPECT_TRUE(
      eventually([&] { return prometheus.state_of("BoxOfficeInstanceDown") == "pending"; }, 30s));
}

TEST_F(Alerts, PromtoolFindsNothingWrongWithOurMetrics) {
  RunningServer server = serve();
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1).status());
  const auto file = workspace_.path() / "metrics";
  std::ofstream(file) << server.client().ask("GET", "/metrics").raw.body;
  const Ran checked =
      run_program(workspace_, "/bin/sh",
                  {"-c", find_deployed("promtool") + " check metrics < " + file.string()});
  EXPECT_EQ(0, checked.code) << checked.out << checked.err;
  EXPECT_EQ("", checked.err);
}

}  // namespace
}  // namespace boxoffice::tests
