// Ctrl-C and SIGTERM: the first asks the run to end in order, the second ends the program at once
// (the keeper then cleans up behind it).
#pragma once

#include <stop_token>

namespace boxoffice::harness {

/// Blocks SIGINT and SIGTERM in the calling thread and all that it starts later, and waits for them
/// in one of its own. Call once, from main, before any other thread exists.
std::stop_token watch_interrupts();

/// From now on the first signal ends the program at once, with exit code 130: for a command that
/// has no load to end and nothing to keep. Throws Interrupted where one came before.
void end_at_first_interrupt();

/// Throws Interrupted where a stop was asked for.
void throw_if_interrupted(const std::stop_token& stop);

}  // namespace boxoffice::harness
