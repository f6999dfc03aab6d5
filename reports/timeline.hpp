// The few operations that contradict each other, laid out in time: lanes by process, time to the
// right.
//
// Time is drawn by order, not to scale: a contradiction is about which operation returned before
// which was called, and on a linear axis two operations of a millisecond, a second apart, would be
// two dots. Each call and each return gets a column of its own; the times themselves stand in the
// table beside the drawing.
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

struct Timeline {
  std::vector<TimelineBar> bars;    ///< by call
  std::vector<std::int64_t> lanes;  ///< the process of each lane, by first call
  std::size_t positions = 0;        ///< how many instants there are
  std::size_t left_out = 0;         ///< operations that did not fit
};

/// Shows at most `bars_max` of the violation's operations, the earliest first. Operations that the
/// history does not have are ignored: a rendering never argues with a verdict.
Timeline contradiction(const properties::History& history, const properties::Violation& violation,
                       std::size_t bars_max = 12);

std::string input_text(const TimelineBar& bar);  ///< "quantity 2, user 7"
std::string output_text(
    const TimelineBar& bar);  ///< "ok 201, reservation 12, version 4, available 0"

/// Milliseconds since the timeline's first call.
double since_start_ms(const Timeline& timeline, std::int64_t t_ns);

}  // namespace boxoffice::reports
