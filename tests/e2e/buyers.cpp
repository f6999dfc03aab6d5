// See buyers.hpp.
#include "tests/e2e/buyers.hpp"

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {

Buyers::Buyers(std::uint16_t port, std::int64_t event, const std::vector<std::string>& tokens) {
  for (std::size_t i = 0; i < k_buyers; ++i) {
    threads_.emplace_back([=, this] { buy(port, event, tokens.at(i + 1)); });
  }
}

Buyers::~Buyers() {
  stop();
}

bool Buyers::wait_for(std::size_t acknowledged) {
  return eventually(
      [&] {
        const std::lock_guard lock(mutex_);
        return acknowledged_.size() >= acknowledged;
      },
      60s);
}

std::vector<std::int64_t> Buyers::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  return acknowledged_;
}

std::size_t Buyers::indeterminate() {
  const std::lock_guard lock(mutex_);
  return indeterminate_;
}

std::set<std::string> Buyers::surprises() {
  const std::lock_guard lock(mutex_);
  return surprises_;
}

std::size_t Buyers::refusals() {
  const std::lock_guard lock(mutex_);
  return codes_.size();
}

std::size_t Buyers::count_of(const std::string& code) {
  const std::lock_guard lock(mutex_);
  return codes_.count(code);
}

// That the server cannot be reached any more is what some tests are about: the buyer goes home.
void Buyers::buy(std::uint16_t port, std::int64_t event, const std::string& token) {
  try {
    buy_until_stopped(port, event, token);
  } catch (const std::runtime_error&) {
  }
}

void Buyers::buy_until_stopped(std::uint16_t port, std::int64_t event, const std::string& token) {
  Client client(port, token);
  std::int64_t held = 0;
  while (!stopping_) {
    const Reply reply = held ? client.cancel(held) : client.reserve(event);
    const bool refused = reply.status() == 503 && reply.body.is_object();
    const std::lock_guard lock(mutex_);
    if (reply.status() == 201) {
      held = reply.number("/reservation/id");
      acknowledged_.push_back(held);
    } else if (reply.status() == 200) {
      held = held ? 0 : reply.number("/reservation/id");
    } else if (refused) {
      codes_.insert(reply.text("/code"));
      // A cancel whose COMMIT was lost: asked again it would be refused where it has happened.
      if (reply.text("/code") == "commit_unknown") held = 0;
    } else if (reply.status() == 0 || reply.status() == 502 || reply.status() == 504) {
      ++indeterminate_;
      held = 0;  // whatever became of it, the next reservation says
    } else {
      surprises_.insert(std::to_string(reply.status()) + " " + reply.raw.body);
      held = 0;
    }
  }
}

std::set<std::int64_t> lost(harness::Sql& sql, const std::vector<std::int64_t>& acknowledged) {
  std::set<std::int64_t> missing(acknowledged.begin(), acknowledged.end());
  EXPECT_EQ(acknowledged.size(), missing.size()) << "an id was given twice";
  for (const auto& row : sql.query("SELECT id FROM reservations")) {
    missing.erase(std::stoll(row[0].value()));
  }
  return missing;
}

}  // namespace boxoffice::tests
