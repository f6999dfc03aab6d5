// Not a test: writes a synthetic run and its reports, to look at them while working on the page.
// render_synthetic DIRECTORY ROUNDS [bad | self | rush]
#include <cstdio>
#include <filesystem>
#include <string>

#include "reports/report.hpp"
#include "tests/reports/synthetic_run.hpp"

int main(int argc, char** argv) {
  namespace reports = boxoffice::reports;
  if (argc < 3) {
    std::fputs("usage: render_synthetic DIRECTORY ROUNDS [bad | self | rush]\n", stderr);
    return 64;
  }
  reports::test::SyntheticRun synthetic(std::stoi(argv[2]));
  const std::string kind = argc > 3 ? argv[3] : "";
  if (kind == "self") {
    synthetic.add_self(20);
  } else if (kind == "rush") {
    const int rounds = std::stoi(argv[2]);
    synthetic.add_rush("optimistic", 2 * rounds / 3, 20);
    synthetic.add_rush("pessimistic", rounds, 25);
    synthetic.add_rush("atomic", rounds / 4, 28);
    synthetic.add_rush("serializable", 0, 28);
    synthetic.add_idle("optimistic", "hot", 64);
    synthetic.add("atomic", "hot", 64, 900);
    synthetic.add_control(true);
  } else {
    synthetic.fill();
    synthetic.add_rates("atomic");
    synthetic.add_rates("pessimistic");
    for (auto* trial : synthetic.of("optimistic")) trial->trial["deadlocks"] = 40;
  }
  if (kind == "bad") synthetic.spoil();
  std::filesystem::copy(synthetic.write(), argv[1], std::filesystem::copy_options::recursive);
  const auto rendered = reports::render_run(argv[1]);
  std::fputs(rendered.terminal().c_str(), stdout);
  return rendered.summary.exit_code;
}
