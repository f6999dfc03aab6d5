// Who presents this token? A short-lived cache, and gathered look-ups behind it.
//
// A client presents `id|plaintext`; the database has the SHA-256 of the plaintext (Sanctum's form).
// With many clients nearly every request brings a token that is not cached yet, so a statement
// each would cost as much as the reservation itself. Look-ups that wait are therefore gathered: one
// thread with a connection of its own asks for all of them in one statement, and what arrives
// meanwhile is the next batch. Where requests wait for their turn anyway it lets a moment pass
// between two batches: then they are larger, and nobody is served later for it. Plaintexts are
// hashed on arrival and never kept.
//
// A revoked token is believed for at most the cache's time to live; so is an old role.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/abilities.hpp"
#include "server/executor.hpp"
#include "strategies/catalogue.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {

using Digest = std::array<unsigned char, 32>;

/// Nobody, who may do nothing, until a token says more.
struct Requester {
  strategies::UserId user;
  bool admin = false;
  Abilities abilities;
};

/// What the Authorization header said, the plaintext already hashed.
struct Credential {
  strategies::TokenId id;
  Digest digest{};
};

/// Reads `Bearer id|plaintext`. Nothing where it has another form.
std::optional<Credential> parse_bearer(std::string_view authorization);

enum class Authentication { known, unknown, overloaded, shutting_down, failed };

/// A look-up that waits for its batch. Its owner keeps it alive until it is answered.
class TokenLookUp {
 public:
  virtual ~TokenLookUp() = default;
  /// Exactly once, on any thread; `requester` and `failure` are set where it is known or failed.
  virtual void authenticated(Authentication outcome) = 0;

  Credential credential;
  Clock::time_point token_deadline = Clock::time_point::max();
  Requester requester;
  strategies::FailureCode failure{};
};

struct TokenLimits {
  Clock::duration time_to_live = std::chrono::seconds(5);
  std::size_t cached = 100'000;                          ///< remembered tokens, about
  std::size_t queue = 10'000;                            ///< look-ups that wait
  std::size_t batch = 500;                               ///< ids in one statement
  Clock::duration pause = std::chrono::milliseconds(2);  ///< between two, where there is time
};

class Tokens {
 public:
  /// One statement; called on the thread that the Tokens own. Throws Failure.
  using Find = std::function<std::vector<strategies::Token>(std::span<const strategies::TokenId>)>;

  /// True while known requests wait for their turn, so that there is time for a pause.
  using IsThereTime = std::function<bool()>;

  /// Told of each token that was looked up and is good; on the thread that the Tokens own.
  using Note = std::function<void(strategies::TokenId)>;

  Tokens(const TokenLimits& limits, Find find, IsThereTime is_there_time, Note used = {});
  /// Stops.
  ~Tokens();

  /// Starts the thread.
  void start();
  /// The answer from the cache (known or unknown), or nothing: then look_up() is to be called.
  std::optional<Authentication> recall(TokenLookUp& look_up, Clock::time_point now);
  void look_up(TokenLookUp& look_up);
  /// Whose it was when it was last found to be good, which may be long ago: enough to count by, and
  /// to nothing else. Nothing where it is not remembered, though it may be good.
  std::optional<strategies::UserId> last_user(const Credential& credential);
  /// It was revoked here: this instance believes it no longer, others within the time to live.
  void forget(strategies::TokenId id);
  /// Refuses the look-ups that have waited past their deadline, also those that are being asked
  /// for: a database that hangs says nothing for as long as it likes.
  void expire(Clock::time_point now);
  /// Refuses what waits and what comes.
  void refuse_waiting();
  /// The same, and joins. Again: does nothing.
  void stop();

 private:
  struct Entry {
    Digest digest;
    Requester requester;
    Clock::time_point until;
  };
  using Generation = std::unordered_map<std::int64_t, Entry>;

  void work();
  void ask(const std::vector<strategies::TokenId>& ids);
  std::vector<strategies::TokenId> begin_batch();
  /// Under the cache's lock.
  void remember(std::int64_t id, const Entry& entry);
  Generation remember_all(const std::vector<strategies::Token>& found);

  const TokenLimits limits_;
  const Find find_;
  const IsThereTime is_there_time_;
  const Note used_;
  std::mutex cache_mutex_;
  Generation young_;  // entries move in; when it is half of `cached`, it becomes old_
  Generation old_;    // forgotten as a whole
  bool asking_ = false;
  std::unordered_set<std::int64_t> revoked_meanwhile_;  // since the batch that is asked for began
  std::mutex mutex_;
  std::condition_variable some_wait_;
  std::deque<TokenLookUp*> waiting_;
  std::deque<TokenLookUp*> asked_;  // those of the batch that nobody has answered yet
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::server
