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

Tokens::Tokens(const TokenLimits& limits, Find find, IsThereTime is_there_time, Note used)
    : limits_(limits),
      find_(std::move(find)),
      is_there_time_(std::move(is_there_time)),
      used_(std::move(used)) {}

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

std::optional<strategies::UserId> Tokens::last_user(const Credential& credential) {
  const std::lock_guard lock(cache_mutex_);
  for (const Generation* generation : {&young_, &old_}) {
    const auto found = generation->find(credential.id.value);
    if (found == generation->end()) continue;
    if (same(found->second.digest, credential.digest)) return found->second.requester.user;
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
  std::unique_lock lock(mutex_);
  for (;;) {
    some_wait_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const auto ids = begin_batch();
    lock.unlock();
    ask(ids);
    const bool pause = is_there_time_();
    lock.lock();
    if (pause) some_wait_.wait_for(lock, limits_.pause, [this] { return stopping_; });
  }
}

/// The ids of the next batch, each once. Under the lock.
std::vector<strategies::TokenId> Tokens::begin_batch() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), limits_.batch));
  asked_.assign(waiting_.begin(), waiting_.begin() + count);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  std::vector<strategies::TokenId> ids;
  ids.reserve(asked_.size());
  for (const auto* look_up : asked_) ids.push_back(look_up->credential.id);
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

/// Asks for the whole batch at once and answers what is left of it; a failure is the answer to
/// each.
void Tokens::ask(const std::vector<strategies::TokenId>& ids) {
  std::vector<strategies::Token> found;
  std::optional<strategies::FailureCode> failure;
  {
    const std::lock_guard lock(cache_mutex_);
    asking_ = true;
  }
  try {
    found = find_(ids);
  } catch (const strategies::Failure& thrown) {
    failure = thrown.code();
  } catch (const std::exception&) {
    failure = strategies::FailureCode::internal;
  }
  const Generation known = remember_all(found);
  std::deque<TokenLookUp*> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(asked_);
  }
  for (auto* look_up : batch) {
    const auto entry = known.find(look_up->credential.id.value);
    if (failure) {
      look_up->failure = *failure;
      look_up->authenticated(Authentication::failed);
    } else if (entry == known.end() || !same(entry->second.digest, look_up->credential.digest)) {
      look_up->authenticated(Authentication::unknown);
    } else {
      look_up->requester = entry->second.requester;
      if (used_) used_(look_up->credential.id);
      look_up->authenticated(Authentication::known);
    }
  }
}

/// Those of a batch that are good. What was revoked while it was asked for is not: the answer may
/// be from before.
Tokens::Generation Tokens::remember_all(const std::vector<strategies::Token>& found) {
  const auto until = Clock::now() + limits_.time_to_live;
  Generation known;
  const std::lock_guard lock(cache_mutex_);
  for (const auto& token : found) {
    const auto digest = digest_from_hex(token.sha256_hex);
    if (!digest || token.expired || revoked_meanwhile_.contains(token.id.value)) continue;
    const Entry entry{*digest,
                      {token.user_id, token.role == "admin", Abilities::from_json(token.abilities)},
                      until};
    known.emplace(token.id.value, entry);
    remember(token.id.value, entry);
  }
  asking_ = false;
  revoked_meanwhile_.clear();
  return known;
}

void Tokens::remember(std::int64_t id, const Entry& entry) {
  if (young_.size() >= limits_.cached / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(id, entry);
}

void Tokens::forget(strategies::TokenId id) {
  const std::lock_guard lock(cache_mutex_);
  young_.erase(id.value);
  old_.erase(id.value);
  if (asking_) revoked_meanwhile_.insert(id.value);
}

void Tokens::expire(Clock::time_point now) {
  std::vector<TokenLookUp*> late;
  {
    const std::lock_guard lock(mutex_);
    for (auto* queue : {&asked_, &waiting_}) {
      while (!queue->empty() && queue->front()->token_deadline <= now) {
        late.push_back(queue->front());
        queue->pop_front();
      }
    }
  }
  for (auto* look_up : late) look_up->authenticated(Authentication::overloaded);
}

void Tokens::refuse_waiting() {
  std::deque<TokenLookUp*> refused;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    refused.swap(waiting_);
    refused.insert(refused.begin(), asked_.begin(), asked_.end());
    asked_.clear();
  }
  some_wait_.notify_one();
  for (auto* look_up : refused) look_up->authenticated(Authentication::shutting_down);
}

void Tokens::stop() {
  refuse_waiting();
  if (thread_.joinable()) thread_.join();
}

}  // namespace boxoffice::server
