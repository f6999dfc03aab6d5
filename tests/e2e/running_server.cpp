// See running_server.hpp.
#include "tests/e2e/running_server.hpp"

#include "tests/e2e/contract.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace boxoffice::tests {

std::string Reply::header(const std::string& name) const {
  const auto found = raw.headers.find(name);
  return found == raw.headers.end() ? "" : found->second;
}

std::int64_t Reply::number(const std::string& pointer) const {
  return body.at_pointer(pointer).to_number<std::int64_t>();
}

std::string Reply::text(const std::string& pointer) const {
  return std::string(body.at_pointer(pointer).as_string());
}

Client::Client(std::uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}

Reply Client::ask(const std::string& method, const std::string& path, const std::string& body,
                  const std::string& header) {
  std::string bytes = method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + header;
  if (!token_.empty()) bytes += "Authorization: Bearer " + token_ + "\r\n";
  if (!body.empty()) bytes += "Content-Type: application/json\r\n";
  if (!body.empty() || method == "POST")
    bytes += fmt::format("Content-Length: {}\r\n", body.size());
  Reply reply = send(bytes + "\r\n" + body);
  EXPECT_EQ("", breach_of_contract(method, path, reply));
  const bool has_content = reply.status() != 0 && reply.status() != 204 && reply.status() != 304;
  EXPECT_EQ(has_content ? "nosniff" : "", reply.header("x-content-type-options")) << path;
  return reply;
}

Reply Client::send(const std::string& bytes) {
  if (!connection_) connection_ = std::make_unique<RawClient>(port_);
  Reply reply{connection_->ask(bytes), {}};
  boost::system::error_code error;
  reply.body = boost::json::parse(reply.raw.body, error);
  if (reply.status() == 0 || reply.header("connection") == "close") connection_.reset();
  return reply;
}

Reply Client::reserve(std::int64_t event, std::int64_t quantity) {
  return ask("POST", fmt::format("/api/events/{}/reserve", event),
             fmt::format(R"({{"quantity":{}}})", quantity));
}

Reply Client::purchase(std::int64_t reservation) {
  return ask("POST", fmt::format("/api/reservations/{}/purchase", reservation));
}

Reply Client::cancel(std::int64_t reservation) {
  return ask("DELETE", fmt::format("/api/reservations/{}", reservation));
}

RunningServer::RunningServer(const Workspace& workspace, const std::string& database_url,
                             const std::vector<std::string>& flags, const std::string& name) {
  const auto port_file = workspace.path() / "port";
  std::vector<std::string> arguments = {"--port-file", port_file.string(), "--exit-with-parent"};
  if (std::ranges::find(flags, "--port") == flags.end()) {
    arguments.insert(arguments.end(), {"--port", "0"});
  }
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  Environment environment = {{"BOXOFFICE_DATABASE", database_url}};
  if (std::ranges::find(flags, "--config") == flags.end()) {  // whose file says what it likes
    environment.emplace("BOXOFFICE_SERVER_RATE_LIMIT_USER", "0");
    environment.emplace("BOXOFFICE_SERVER_RATE_LIMIT_ADDRESS", "0");
  }
  program_ = std::make_unique<Program>(workspace, name, arguments, environment);
  const auto listens = [&] { return bool(std::ifstream(port_file) >> port_); };
  const auto decided = [&] { return listens() || !program_->process().running(); };
  if (!eventually(decided, 20s) || port_ == 0) {
    throw std::runtime_error(name + " did not start: " + program_->err());
  }
  std::filesystem::remove(port_file);
}

std::uint16_t RunningServer::operations_port() const {
  const std::string before = "operations on http://127.0.0.1:";
  std::string said;
  const auto announced = [&] {  // the port file is there a moment before
    said = program_->out();
    return said.find(before) != std::string::npos && said.back() == '\n';
  };
  if (!eventually(announced)) throw std::runtime_error("no operations port in: " + said);
  return static_cast<std::uint16_t>(std::stoi(said.substr(said.find(before) + before.size())));
}

harness::PrivatePostgresql& shared_postgresql() {
  static harness::PrivatePostgresql postgresql({.durability = harness::Durability::relaxed,
                                                .storage = harness::Storage::memory,
                                                .connections_max = 200,
                                                .binaries = {}});
  return postgresql;
}

std::vector<std::string> prepare_database(const Workspace& workspace, const std::string& url) {
  const auto file = (workspace.path() / "tokens.tsv").string();
  const Ran migrated = run_program(workspace, "boxoffice-server", {"migrate", "--database", url});
  if (migrated.code != 0) throw std::runtime_error("migrate: " + migrated.err);
  const Ran seeded =
      run_program(workspace, "boxoffice-server",
                  {"seed", "--database", url, "--users", "60", "--events", "3", "--tickets",
                   std::to_string(k_seeded_tickets), "--tokens-out", file});
  if (seeded.code != 0) throw std::runtime_error("seed: " + seeded.err);
  std::vector<std::string> tokens;
  std::istringstream lines(text_of(file));
  for (std::string user, token; lines >> user >> token;) tokens.push_back(token);
  return tokens;
}

namespace {

const std::vector<std::string>& seeded_tokens() {
  static const std::vector<std::string> tokens = [] {
    harness::Sql(shared_postgresql().url()).run("CREATE DATABASE seeded");
    return prepare_database(Workspace(), shared_postgresql().url("seeded"));
  }();
  return tokens;
}

std::string copy_of_seeded() {
  static int count = 0;
  const std::string name = fmt::format("test{}", ++count);
  harness::Sql(shared_postgresql().url()).run("CREATE DATABASE " + name + " TEMPLATE seeded");
  return shared_postgresql().url(name);
}

}  // namespace

ServerTest::ServerTest() : tokens_(seeded_tokens()), url_(copy_of_seeded()), sql_(url_) {}

std::int64_t ServerTest::add_event(std::int64_t tickets) {
  return sql_.number(
      "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
      " VALUES ('Concert', $1, $1, now() + interval '1 day') RETURNING id",
      {std::to_string(tickets)});
}

void expect_nothing_oversold(harness::Sql& sql) {
  EXPECT_EQ(0, sql.number("SELECT count(*) FROM events e WHERE available_tickets < 0 OR"
                          " total_tickets <> available_tickets + (SELECT coalesce(sum(quantity),"
                          " 0) FROM reservations r WHERE r.event_id = e.id AND"
                          " status IN ('reserved', 'purchased'))"));
}

}  // namespace boxoffice::tests
