// boxoffice-server: see program.hpp.
#include "server/program.hpp"

int main(int argc, char** argv) {
  return boxoffice::server::run_program(argc, argv);
}
