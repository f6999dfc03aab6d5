// The few operations that contradict each other, laid out in time: lanes by process, time to the
// right.
//
// Time is drawn by order, not to scale: a contradiction is about which operation returned before
// which was called, and on a linear axis two operations of a millisecond, a second apart, would be
// two dots. Each call and each return gets a column of its own; the times themselves stand in the
// table beside the drawing. The trial's faults are on the same axis, because what a fault cut off
// and what came after it is read off their order too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/history.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::reports {

struct TimelineBar {
  std::int64_t index = 0, process = 0;
  std::size_t lane = 0;
  properties::Function f = properties::Function::read;
  std::int64_t call_ns = 0;
  std::optional<std::int64_t> return_ns;  ///< absent: never answered, or not to be known (info)
  std::size_t call_at = 0,
              return_at = 0;  ///< positions in the order of all instants; return_at > call_at
  properties::EntryType result = properties::EntryType::info;
  properties::Input in;
  properties::Output out;
  properties::Error error;
};

/// What was done to server or database; from begin to end a band across all lanes.
struct TimelineFault {
  properties::Fault fault;
  std::size_t from_at = 0, to_at = 0;  ///< positions, as those of the bars
};

struct Timeline {
  std::vector<TimelineBar> bars;    ///< by call
  std::vector<std::int64_t> lanes;  ///< the process of each lane, by first call
  std::vector<TimelineFault> faults;
  std::size_t positions = 0;  ///< how many instants there are
  std::size_t left_out = 0;   ///< operations that did not fit
};

/// Shows at most `bars_max` of the violation's operations, the earliest first. Operations that the
/// history does not have are ignored: a rendering never argues with a verdict.
Timeline contradiction(const properties::History& history, const properties::Violation& violation,
                       std::size_t bars_max = 12);

std::string input_text(const TimelineBar& bar);  ///< "quantity 2, user 7"
std::string output_text(
    const TimelineBar& bar);  ///< "ok 201, reservation 12, version 4, available 0"

/// "kill-server, 31 operations under way: the server ended with 137"
std::string fault_text(const TimelineFault& fault);

/// Milliseconds since the timeline's first call; negative for a fault that began before it.
double since_start_ms(const Timeline& timeline, std::int64_t t_ns);

}  // namespace boxoffice::reports
