// See reference_lines.hpp.
#include "harness/reference_lines.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "harness/reference.hpp"
#include "reports/sign_test.hpp"

namespace boxoffice::harness {

std::vector<std::int64_t> ReferenceLines::clients_of(const TestDatabase& database,
                                                     std::int64_t round) const {
  if (round == 1) return reference_clients(database.dialect());
  const Line* best = nullptr;
  for (const Line& line : lines_) {
    if (line.database != database.engine()) continue;
    if (best == nullptr || line.per_s.front() > best->per_s.front()) best = &line;
  }
  return best == nullptr ? std::vector<std::int64_t>{} : std::vector{best->clients};
}

bool ReferenceLines::measure(TestDatabase& database, std::int64_t clients,
                             const std::filesystem::path& scratch) {
  const auto rate = run_reference(database, clients, std::chrono::seconds(1), scratch);
  if (!rate) return false;
  const auto same = [&](const Line& line) {
    return line.database == database.engine() && line.clients == clients;
  };
  auto found = std::ranges::find_if(lines_, same);
  if (found == lines_.end())
    found =
        lines_.insert(found, {reference_tool(database.dialect()), database.engine(), clients, {}});
  found->per_s.push_back(*rate);
  return true;
}

boost::json::array ReferenceLines::fields() const {
  boost::json::array fields;
  for (const Line& line : lines_) {
    const auto [low, high] = std::ranges::minmax(line.per_s);
    fields.push_back({{"name", line.tool},
                      {"database", line.database},
                      {"strategy", "pessimistic"},
                      {"clients", line.clients},
                      {"per_s", reports::median(line.per_s)},
                      {"rounds", line.per_s.size()},
                      {"low_per_s", low},
                      {"high_per_s", high}});
  }
  return fields;
}

}  // namespace boxoffice::harness
