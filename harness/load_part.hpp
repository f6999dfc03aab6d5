// One of several load generators: what it leaves behind for a merge, and the merge itself.
//
// Each process of `boxoffice load --part I/N` has a share of the users and request ids of its own,
// and records its own history with indices and process numbers from its own counters. The merge
// gives both new numbers, so that none can collide, and adds up the histograms without loss. Time
// is CLOCK_MONOTONIC: processes of one boot of one machine share it. Across machines it means
// nothing; parts of another boot are refused, because a skew that nobody bounds could hide a
// violation or invent one.
#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/load/load.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// Which of how many generators, from 1: "2/4".
struct Share {
  std::size_t part = 1, parts = 1;
  bool operator==(const Share&) const = default;
};

/// Throws UsageError where it is not such as 2/4.
Share share_of(const std::string& text);

/// part.json: the histograms of the successes, bucket by bucket, the outcomes, the measured window
/// on the monotonic clock, and the boot whose clock that is.
std::string part_json(const load::LoadResult& result, Share share);

struct LoadPart {
  Share share;
  std::string boot_id;
  std::int64_t window_begin_ns = 0, window_end_ns = 0;
  load::OutcomeCounts outcomes;
  std::uint64_t started = 0, unsent = 0;
  load::Latency latency;  ///< of the successes
  bool figure_valid = true;
  bool interrupted = false;
  std::string figure_why;
};

/// Throws UsageError where it is none, with `where` in front.
LoadPart read_part(const std::string& text, const std::string& where);

struct MergedLoad {
  std::int64_t window_begin_ns = 0, window_end_ns = 0;  ///< from the first begin to the last end
  double overlap = 0;  ///< share of it in which every part was measuring
  load::OutcomeCounts outcomes;
  std::uint64_t started = 0, unsent = 0;
  load::Latency latency;
  /// Every generator did what it was asked for, and all of them at once; whether the servers let
  /// them is `unsent`.
  bool figure_valid = true;
  bool interrupted = false;
  std::vector<std::string> figure_why;

  double seconds() const { return static_cast<double>(window_end_ns - window_begin_ns) / 1e9; }
};

/// The order of the parts does not matter. Throws UsageError where they do not share a clock, or
/// are not all the parts of one load, each once: what a missing one bought would look like a loss.
MergedLoad merge_parts(const std::vector<LoadPart>& parts);

/// One history of several that ran at once against the same events: new indices in the order of
/// time, new process numbers. Throws UsageError where the parts' servers cannot be the same: other
/// events, another hold time.
properties::History merge_histories(std::vector<properties::History> parts);

/// Of the running system; empty where it does not say.
std::string boot_id();

}  // namespace boxoffice::harness
