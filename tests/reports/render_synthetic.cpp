// Not a test: writes a synthetic run and its reports, to look at them while working on the page.
// render_synthetic DIRECTORY ROUNDS [bad]
#include <cstdio>
#include <filesystem>
#include <string>

#include "reports/report.hpp"
#include "tests/reports/synthetic_run.hpp"

int main(int argc, char** argv) {
  namespace reports = boxoffice::reports;
  if (argc < 3) {
    std::fputs("usage: render_synthetic DIRECTORY ROUNDS [bad]\n", stderr);
    return 64;
  }
  reports::test::SyntheticRun synthetic(std::stoi(argv[2]));
  synthetic.fill();
  if (argc > 3) synthetic.spoil();
  std::filesystem::copy(synthetic.write(), argv[1], std::filesystem::copy_options::recursive);
  const auto rendered = reports::render_run(argv[1]);
  std::fputs(rendered.terminal().c_str(), stdout);
  return rendered.summary.exit_code;
}
