// Scrambles: blind changes of a run, for comparing two judges. The table at the end is the list.
#include <algorithm>
#include <array>
#include <utility>

#include "corruption_parts.hpp"
#include "corruptions.hpp"

namespace boxoffice::properties::simulation {
namespace {

std::int64_t sign(Random& random) {
  return random() % 2 == 0 ? 1 : -1;
}

bool version_off(Simulated& run, Random& random) {
  const auto pair =
      choose_pair(run, random, [](const Pair& p) { return p.reply->out.version.has_value(); });
  if (pair) *pair->reply->out.version += sign(random);
  return pair.has_value();
}

bool available_off(Simulated& run, Random& random) {
  const auto pair =
      choose_pair(run, random, [](const Pair& p) { return p.reply->out.available.has_value(); });
  if (pair) *pair->reply->out.available += sign(random);
  return pair.has_value();
}

/// A shorter interval: the same replies, with less freedom of order.
bool shorten(Simulated& run, Random& random) {
  const auto pair = choose_pair(run, random, [](const Pair&) { return true; });
  if (!pair) return false;
  const std::int64_t span_ns = pair->reply->t_ns - pair->call->t_ns;
  const auto part_ns = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span_ns));
  if (random() % 2 == 0) {
    pair->call->t_ns += part_ns;
  } else {
    pair->reply->t_ns -= part_ns;
  }
  return true;
}

/// The whole operation at another time.
bool shift(Simulated& run, Random& random) {
  const auto pair = choose_pair(run, random, [](const Pair&) { return true; });
  if (!pair) return false;
  const std::int64_t by_ns = sign(random) * static_cast<std::int64_t>(random() % 20'000);
  pair->call->t_ns += by_ns;
  pair->reply->t_ns += by_ns;
  pair->call->process = pair->reply->process = 2'000'000;  // so that its process stays sequential
  return true;
}

bool swap_replies(Simulated& run, Random& random) {
  std::vector<Pair> all = pairs(run);
  std::shuffle(all.begin(), all.end(), random);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Pair &a = all[0], &b = all[i];
    if (a.reply->f != b.reply->f || a.reply->type != b.reply->type) continue;
    if (a.reply->event_id != b.reply->event_id || a.reply->out == b.reply->out) continue;
    std::swap(a.reply->out, b.reply->out);
    std::swap(a.reply->error, b.reply->error);
    return true;
  }
  return false;
}

bool other_refusal(Simulated& run, Random& random) {
  constexpr std::array<std::pair<const char*, int>, 5> k_codes = {{{"already_purchased", 409},
                                                                   {"already_cancelled", 409},
                                                                   {"not_cancellable", 409},
                                                                   {"reservation_expired", 410},
                                                                   {"reservation_not_found", 404}}};
  const auto pair = choose_pair(run, random, [](const Pair& p) {
    return p.reply->type != EntryType::info &&
           (p.reply->f == Function::purchase || p.reply->f == Function::cancel);
  });
  if (!pair) return false;
  const auto& [code, http] = k_codes.at(random() % k_codes.size());
  pair->reply->type = EntryType::fail;
  pair->reply->error = {code, http, ""};
  return true;
}

bool success_instead(Simulated& run, Random& random) {
  const auto pair = choose_pair(run, random, [](const Pair& p) {
    return p.reply->type == EntryType::fail && p.reply->f == Function::purchase;
  });
  if (!pair) return false;
  pair->reply->type = EntryType::ok;
  pair->reply->out.http = 200;
  pair->reply->out.reservation_id = pair->call->in.reservation_id;
  pair->reply->error = {};
  return true;
}

bool other_status_found(Simulated& run, Random& random) {
  const auto pair = choose_pair(run, random, [](const Pair& p) {
    return p.is(Function::reserve, EntryType::ok) && !p.made();
  });
  if (!pair) return false;
  pair->reply->out.status = static_cast<ReservationStatus>(random() % 4);
  return true;
}

bool unknown_outcome(Simulated& run, Random& random) {
  const auto pair = choose_pair(run, random, [&](const Pair& p) {
    const std::int64_t process = p.reply->process;
    return std::none_of(
        run.history.entries.begin(), run.history.entries.end(),
        [&](const Entry& e) { return e.process == process && e.index > p.reply->index; });
  });
  if (!pair) return false;
  pair->reply->type = EntryType::info;
  pair->reply->out = {};
  pair->reply->error = {"timeout", 0, "receive"};
  return true;
}

bool row_versions_off(Simulated& run, Random& random) {
  Row* row = choose_row(run, random, [](const Row&) { return true; });
  if (!row) return false;
  std::int64_t& version = row->closed_event_version && random() % 2 == 0
                              ? *row->closed_event_version
                              : row->event_version;
  version += sign(random);
  return true;
}

bool row_status_off(Simulated& run, Random& random) {
  Row* row = choose_row(run, random, [](const Row&) { return true; });
  if (row) row->status = static_cast<ReservationStatus>(random() % 4);
  return row != nullptr;
}

bool row_of_another_user(Simulated& run, Random& random) {
  Row* row = choose_row(run, random, [](const Row&) { return true; });
  if (row) row->user_id = 1 + static_cast<std::int64_t>(random() % 4);
  return row != nullptr;
}

bool end_version_off(Simulated& run, Random& random) {
  run.audit.events.front().version += sign(random);
  return true;
}

constexpr Corruption k_scrambles[] = {
    {"version_off", version_off},
    {"available_off", available_off},
    {"shorten", shorten},
    {"shift", shift},
    {"swap_replies", swap_replies},
    {"other_refusal", other_refusal},
    {"success_instead", success_instead},
    {"other_status_found", other_status_found},
    {"unknown_outcome", unknown_outcome},
    {"row_versions_off", row_versions_off},
    {"row_status_off", row_status_off},
    {"row_of_another_user", row_of_another_user},
    {"end_version_off", end_version_off},
};

}  // namespace

std::span<const Corruption> scrambles() {
  return k_scrambles;
}

}  // namespace boxoffice::properties::simulation
