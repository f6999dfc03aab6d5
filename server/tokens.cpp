// The cache is two maps: entries go into the young one, and when that is full it becomes the old
// one, whose entries are forgotten together. So its size is bounded and nothing is searched for.
// Unknown ids are not remembered: whoever guesses pays with his own waiting time, not our memory.
#include "server/tokens.hpp"

#include <sodium.h>

#include <algorithm>

#include "server/units.hpp"

namespace boxoffice::server {
namespace {

constexpr std::string_view k_scheme = "bearer ";
constexpr std::size_t k_plaintext_bytes_max = 256;

bool has_scheme(std::string_view text) {
  if (text.size() <= k_scheme.size()) return false;
  return std::equal(k_scheme.begin(), k_scheme.end(), text.begin(), [](char expected, char c) {
    return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
  });
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
  Digest digest;
  std::size_t length = 0;
  const int failed = sodium_hex2bin(digest.data(), digest.size(), hex.data(), hex.size(), nullptr,
                                    &length, nullptr);
  if (failed != 0 || length != digest.size()) return std::nullopt;
  return digest;
}

bool same(const Digest& a, const Digest& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<Credential> parse_bearer(std::string_view authorization) {
  if (!has_scheme(authorization)) return std::nullopt;
  const auto text = authorization.substr(k_scheme.size());
  const auto bar = text.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto id = parse_digits(text.substr(0, bar));
  const auto plaintext = text.substr(bar + 1);
  if (!id || *id == 0 || plaintext.empty() || plaintext.size() > k_plaintext_bytes_max) {
    return std::nullopt;
  }
  Credential credential{strategies::TokenId{*id}, {}};
  crypto_hash_sha256(credential.digest.data(),
                     reinterpret_cast<const unsigned char*>(plaintext.data()), plaintext.size());
  return credential;
}

Tokens::Tokens(const TokenLimits& limits, Find find) : limits_(limits), find_(std::move(find)) {}

Tokens::~Tokens() {
  stop();
}

void Tokens::start() {
  thread_ = std::thread([this] { work(); });
}

std::optional<Authentication> Tokens::recall(TokenLookUp& look_up, Clock::time_point now) {
  const std::lock_guard lock(cache_mutex_);
  for (const Generation* generation : {&young_, &old_}) {
    const auto found = generation->find(look_up.credential.id.value);
    if (found == generation->end() || found->second.until <= now) continue;
    if (!same(found->second.digest, look_up.credential.digest)) return Authentication::unknown;
    look_up.requester = found->second.requester;
    return Authentication::known;
  }
  return std::nullopt;
}

void Tokens::look_up(TokenLookUp& look_up) {
  auto refusal = Authentication::overloaded;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < limits_.queue) {
      waiting_.push_back(&look_up);
      if (waiting_.size() == 1) some_wait_.notify_one();
      return;
    }
    if (stopping_) refusal = Authentication::shutting_down;
  }
  look_up.authenticated(refusal);
}

void Tokens::work() {
  std::vector<TokenLookUp*> batch;
  std::unique_lock lock(mutex_);
  for (;;) {
    some_wait_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), limits_.batch));
    batch.assign(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    lock.unlock();
    answer(batch);
    lock.lock();
  }
}

/// Asks for the whole batch at once; a failure is the answer to each of it.
void Tokens::answer(std::span<TokenLookUp* const> batch) {
  std::vector<strategies::TokenId> ids;
  ids.reserve(batch.size());
  for (const auto* look_up : batch) ids.push_back(look_up->credential.id);
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  std::vector<strategies::Token> found;
  std::optional<strategies::FailureCode> failure;
  try {
    found = find_(ids);
  } catch (const strategies::Failure& thrown) {
    failure = thrown.code();
  } catch (const std::exception&) {
    failure = strategies::FailureCode::internal;
  }
  const auto until = Clock::now() + limits_.time_to_live;
  Generation known;
  for (const auto& token : found) {
    const auto digest = digest_from_hex(token.sha256_hex);
    if (!digest || token.expired) continue;
    const Entry entry{*digest, {token.user_id, token.role == "admin"}, until};
    known.emplace(token.id.value, entry);
    remember(token.id.value, entry);
  }
  for (auto* look_up : batch) {
    if (failure) {
      look_up->failure = *failure;
      look_up->authenticated(Authentication::failed);
      continue;
    }
    const auto entry = known.find(look_up->credential.id.value);
    if (entry == known.end() || !same(entry->second.digest, look_up->credential.digest)) {
      look_up->authenticated(Authentication::unknown);
      continue;
    }
    look_up->requester = entry->second.requester;
    look_up->authenticated(Authentication::known);
  }
}

void Tokens::remember(std::int64_t id, const Entry& entry) {
  const std::lock_guard lock(cache_mutex_);
  if (young_.size() >= limits_.cached / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(id, entry);
}

void Tokens::expire(Clock::time_point now) {
  std::vector<TokenLookUp*> late;
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.front()->token_deadline <= now) {
      late.push_back(waiting_.front());
      waiting_.pop_front();
    }
  }
  for (auto* look_up : late) look_up->authenticated(Authentication::overloaded);
}

void Tokens::stop() {
  std::deque<TokenLookUp*> refused;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    refused.swap(waiting_);
  }
  some_wait_.notify_one();
  for (auto* look_up : refused) look_up->authenticated(Authentication::shutting_down);
  if (thread_.joinable()) thread_.join();
}

}  // namespace boxoffice::server
