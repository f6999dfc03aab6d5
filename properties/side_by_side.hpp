// Independent parts of one work on the processor's cores: results in the order of the parts,
// whoever did them. Written out, since libstdc++'s parallel algorithms want a library of their own.
//
// A part that throws does not keep the others from being done; then the first such part's exception
// is thrown. Where the system gives no thread, fewer do the work.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace boxoffice::properties {

/// Calls each of `parts` once, on at most `threads` threads, this one being one of them.
template <class Part>
auto side_by_side(const std::vector<Part>& parts, unsigned threads) {
  using Result = decltype(parts.front()());
  std::vector<Result> results(parts.size());
  std::vector<std::exception_ptr> failures(parts.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < parts.size(); i = next++) {
      try {
        results[i] = parts[i]();
      } catch (...) {
        failures[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (unsigned i = 1; i < threads && i < parts.size(); ++i) helpers.emplace_back(work);
    } catch (const std::system_error&) {
    }
    work();
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return results;
}

}  // namespace boxoffice::properties
