// Events as they are shown, kept for a second or so: GET /api/events/{id} and nothing else.
//
// What is kept is the reply's text, so that a hit is a look-up and a copy on the I/O thread: no
// connection, no thread, no JSON. After a miss one request reads (it leads a flight) and those that
// come meanwhile wait for what it finds, so that a hot event costs the database one statement each
// time that its text grows too old, however many ask. The age of a text counts from before it was
// read, and who is answered from a text of another's reading is told the age: such an answer is of
// the past. What is kept is bounded in number and bytes, those who wait are bounded and leave at
// their deadlines.
//
// An edit made here drops the event, and what was being read of it meanwhile is not kept. A
// reservation does not: on a hot event there would be nothing left to hit, and its reply says the
// numbers itself (docs/decisions/0019-reads-of-the-past.md).
#pragma once

#include <algorithm>
#include <boost/intrusive/list.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/counters.hpp"
#include "server/executor.hpp"
#include "server/problem.hpp"
#include "server/units.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

/// An event in the form of its reply.
struct EventText {
  std::string etag;
  std::string body;
};

/// Who waits for what another one reads. Its owner keeps it alive until it was told.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Exactly one of these, exactly once, on any thread; the reader may be gone when it returns.
  virtual void shown(const EventText& text, Clock::duration age) = 0;
  virtual void not_shown(ProblemCode why) = 0;

  Clock::time_point reader_deadline = Clock::time_point::max();

 private:
  friend class EventCache;
  using Hook = boost::intrusive::list_member_hook<>;
  Hook in_flight_, by_age_;
  using Waiting = boost::intrusive::list<
      EventReader, boost::intrusive::member_hook<EventReader, Hook, &EventReader::in_flight_>>;
  using ByAge = boost::intrusive::list<
      EventReader, boost::intrusive::member_hook<EventReader, Hook, &EventReader::by_age_>>;
  Waiting* waits_in_ = nullptr;
};

struct EventCacheLimits {
  Duration time_to_live{0};  ///< 0: nothing is kept and nobody waits for another
  std::size_t entries_max = 10'000;
  std::size_t bytes_max = 16 * 1024 * 1024;
  std::size_t waiting_max = 10'000;  ///< readers, over all events
};

class EventCache {
 public:
  /// One reading of an event from the database, of whoever leads it.
  class Flight {
   public:
    explicit Flight(strategies::EventId event) : event_(event) {}

   private:
    friend class EventCache;
    const strategies::EventId event_;
    EventReader::Waiting waiting_;
  };
  struct Counts {
    Counter hits;
    Counter misses;         ///< each read the database
    Counter waits;          ///< for what another one read
    LatencyHistogram ages;  ///< of what was shown without reading
  };
  struct Size {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
  };

  explicit EventCache(const EventCacheLimits& limits) : limits_(limits) {}

  bool is_on() const { return limits_.time_to_live.count() > 0; }
  /// Calls `show(text, age)` where the event is there and young enough; false where not.
  template <class Show>
  bool find(strategies::EventId event, Clock::time_point now, const Show& show);
  /// After find() said no. With a flight the reader has to read and to end it by land() or fail();
  /// without one it waits and is told.
  std::unique_ptr<Flight> join(EventReader& reader, strategies::EventId event);
  /// The event as it was read, at `read_at` at the earliest.
  void land(std::unique_ptr<Flight> flight, const EventText& text, Clock::time_point read_at);
  void fail(std::unique_ptr<Flight> flight, ProblemCode why);
  /// It was changed: what is kept, or is being read now, is shown to nobody who asks from now on.
  void drop(strategies::EventId event);
  /// Refuses those who have waited past their deadline; forgets what is too old.
  void expire(Clock::time_point now);
  /// Refuses those who wait.
  void refuse_waiting();

  const Counts& counts() const { return counts_; }
  Size size() const;

 private:
  struct Entry {
    strategies::EventId event;
    EventText text;
    Clock::time_point read_at;
  };
  using Entries = std::list<Entry>;

  static std::size_t bytes_of(const Entry& entry);
  void keep(strategies::EventId event, const EventText& text, Clock::time_point read_at);
  void forget(Entries::iterator entry);
  void unhook(EventReader& reader);
  EventReader::Waiting end(Flight& flight, bool& was_current);
  void refuse(Clock::time_point until, ProblemCode why);

  const EventCacheLimits limits_;
  Counts counts_;
  mutable std::mutex mutex_;
  Entries entries_;  // the oldest in front
  std::unordered_map<std::int64_t, Entries::iterator> by_event_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::int64_t, Flight*> flights_;  // those that a reader may still join
  EventReader::ByAge readers_;                         // that wait, the oldest in front
};

template <class Show>
bool EventCache::find(strategies::EventId event, Clock::time_point now, const Show& show) {
  if (!is_on()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = by_event_.find(event.value);
  if (found == by_event_.end()) return false;
  const Entry& entry = *found->second;
  const auto age = std::max(now - entry.read_at, Clock::duration::zero());
  if (age >= limits_.time_to_live) return false;
  counts_.hits.add();
  counts_.ages.observe(age);
  show(entry.text, age);
  return true;
}

}  // namespace boxoffice::server
