// The whole program behind a main of three lines, so that boxoffice-server-broken is the same one
// with more strategies in its registry.
#pragma once

namespace boxoffice::server {

/// The exit code: 0; 64 for a mistake of usage or configuration; 69 where the database or the port
/// is not to be had; 70 for what should not happen. One line on stderr says why.
int run_program(int argc, const char* const* argv);

}  // namespace boxoffice::server
