// boxoffice-server-broken: the same program, with the negative controls in its registry. It exists
// to prove that the harness catches them, and is never installed.
#include "server/program.hpp"
#include "strategies/broken/broken.hpp"

int main(int argc, char** argv) {
  boxoffice::strategies::broken::register_all();
  return boxoffice::server::run_program(argc, argv);
}
