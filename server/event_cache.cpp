// See event_cache.hpp. One mutex, held for a look-up and a copy of some hundred bytes; nobody is
// told anything under it, for who is told may ask again at once.
#include "server/event_cache.hpp"

#include <algorithm>
#include <iterator>

namespace boxoffice::server {
namespace {

constexpr std::size_t k_overhead_bytes = 200;  // of the nodes around a text, about

}  // namespace

std::size_t EventCache::bytes_of(const Entry& entry) {
  return entry.text.etag.capacity() + entry.text.body.capacity() + k_overhead_bytes;
}

std::unique_ptr<EventCache::Flight> EventCache::join(EventReader& reader,
                                                     strategies::EventId event) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = flights_.find(event.value);
    if (found == flights_.end()) {
      auto flight = std::make_unique<Flight>(event);
      flights_.emplace(event.value, flight.get());
      counts_.misses.add();
      return flight;
    }
    if (readers_.size() < limits_.waiting_max) {
      reader.waits_in_ = &found->second->waiting_;
      reader.waits_in_->push_back(reader);
      readers_.push_back(reader);
      counts_.waits.add();
      return nullptr;
    }
  }
  reader.not_shown(ProblemCode::overloaded);
  return nullptr;
}

void EventCache::unhook(EventReader& reader) {
  reader.waits_in_->erase(reader.waits_in_->iterator_to(reader));
  readers_.erase(readers_.iterator_to(reader));
}

/// Nobody joins it any more; returns those who wait in it, whom expire() no longer finds.
EventReader::Waiting EventCache::end(Flight& flight, bool& was_current) {
  const auto found = flights_.find(flight.event_.value);
  was_current = found != flights_.end() && found->second == &flight;
  if (was_current) flights_.erase(found);
  for (EventReader& reader : flight.waiting_) readers_.erase(readers_.iterator_to(reader));
  EventReader::Waiting waiting;
  waiting.swap(flight.waiting_);
  return waiting;
}

void EventCache::land(std::unique_ptr<Flight> flight, const EventText& text,
                      Clock::time_point read_at) {
  EventReader::Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    bool was_current = false;
    waiting = end(*flight, was_current);
    if (was_current) keep(flight->event_, text, read_at);
  }
  const auto age = Clock::now() - read_at;
  while (!waiting.empty()) {
    EventReader& reader = waiting.front();
    waiting.pop_front();
    counts_.ages.observe(age);
    reader.shown(text, age);
  }
}

void EventCache::fail(std::unique_ptr<Flight> flight, ProblemCode why) {
  EventReader::Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    bool was_current = false;
    waiting = end(*flight, was_current);
  }
  while (!waiting.empty()) {
    EventReader& reader = waiting.front();
    waiting.pop_front();
    reader.not_shown(why);
  }
}

/// Makes room first: of what is too old anyway, then of the oldest.
void EventCache::keep(strategies::EventId event, const EventText& text, Clock::time_point read_at) {
  if (const auto before = by_event_.find(event.value); before != by_event_.end()) {
    forget(before->second);
  }
  entries_.push_back({event, text, read_at});
  const auto added = std::prev(entries_.end());
  by_event_.emplace(event.value, added);
  bytes_ += bytes_of(*added);
  while (entries_.size() > limits_.entries_max || bytes_ > limits_.bytes_max) {
    forget(entries_.begin());
  }
}

void EventCache::forget(Entries::iterator entry) {
  bytes_ -= bytes_of(*entry);
  by_event_.erase(entry->event.value);
  entries_.erase(entry);
}

void EventCache::drop(strategies::EventId event) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_event_.find(event.value); found != by_event_.end()) {
    forget(found->second);
  }
  flights_.erase(event.value);
}

void EventCache::expire(Clock::time_point now) {
  {
    const std::lock_guard lock(mutex_);
    while (!entries_.empty() && now - entries_.front().read_at >= limits_.time_to_live) {
      forget(entries_.begin());
    }
  }
  refuse(now, ProblemCode::overloaded);
}

void EventCache::refuse_waiting() {
  refuse(Clock::time_point::max(), ProblemCode::shutting_down);
}

/// Of those who wait, the ones whose deadline is at or before `until`.
void EventCache::refuse(Clock::time_point until, ProblemCode why) {
  for (;;) {
    EventReader* late = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (readers_.empty() || readers_.front().reader_deadline > until) return;
      late = &readers_.front();
      unhook(*late);
    }
    late->not_shown(why);
  }
}

EventCache::Size EventCache::size() const {
  const std::lock_guard lock(mutex_);
  return {std::ssize(entries_), static_cast<std::int64_t>(bytes_)};
}

}  // namespace boxoffice::server
