// For what another thread does in its own time: a test that waits for it fails where it never
// comes.
#pragma once

#include <chrono>
#include <thread>

namespace boxoffice::server::test {

/// Asks again and again until `holds()`; false after ten seconds.
template <class Condition>
bool eventually(const Condition& holds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace boxoffice::server::test
