// Reads once, computes once, writes five files.
#include "reports/report.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "reports/html.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"

namespace boxoffice::reports {
namespace {

namespace fs = std::filesystem;

/// Beside the target first, then renamed: a reader (a CI system, an open browser) never sees half a
/// file.
fs::path write_whole(const fs::path& path, const std::string& text) {
  const fs::path unfinished = path.string() + ".part";
  std::error_code error, ignored;
  errno = 0;
  if (!(std::ofstream(unfinished, std::ios::binary) << text << std::flush))
    error = std::error_code(errno, std::generic_category());
  else
    fs::rename(unfinished, path, error);
  if (!error) return path;
  fs::remove(unfinished, ignored);
  throw fs::filesystem_error("cannot write", path, error);
}

}  // namespace

std::string Rendered::terminal(const TerminalOptions& options) const {
  return summary_terminal(run, summary, report_html.string(), options);
}

Rendered render_run(const fs::path& run_directory) {
  Rendered rendered;
  rendered.run = read_run(run_directory);
  rendered.summary = summarize(rendered.run);
  const Run& run = rendered.run;
  const Summary& summary = rendered.summary;
  // The verdict first: should drawing the page fail, what the CI system reads is there already.
  rendered.summary_json = write_whole(run_directory / "summary.json", summary_json(run, summary));
  rendered.junit_xml = write_whole(run_directory / "junit.xml", junit_xml(run, summary));
  rendered.summary_csv = write_whole(run_directory / "summary.csv", summary_csv(run));
  rendered.summary_md = write_whole(run_directory / "summary.md", summary_markdown(run, summary));
  rendered.report_html = write_whole(run_directory / "report.html", report_html(run, summary));
  return rendered;
}

}  // namespace boxoffice::reports
