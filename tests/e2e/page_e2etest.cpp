// The report in a browser: every chart is drawn, the console is silent, nothing is wider than the
// window, on a desktop and on a phone. With Debian's chromium; skipped, and said, without it.
//
// A chart that was not drawn is an empty canvas of the right size, which no look at the page's text
// finds. So a script is added to a copy of the page that counts what each canvas shows and tells
// the frame around it, one frame for each width, in one run of the browser. At the end it takes the
// rules for paper as those for the screen, as printing does: after the charts were drawn.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "harness/run_directory.hpp"
#include "tests/e2e/browser.hpp"
#include "tests/e2e/harness_run.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* k_look = R"(<script>addEventListener('load', () => setTimeout(() => {
  const said = [...document.querySelectorAll('canvas')].map((canvas) => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] === 255) colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
    return `canvas ${colours.size}`;
  });
  said.push(`room ${innerWidth - document.documentElement.scrollWidth}`);
  for (const rule of [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]))
    if (rule.media && rule.media.mediaText === 'print') rule.media.mediaText = 'all';
  const cut = [...document.querySelectorAll('canvas')].filter((canvas) =>
    canvas.getBoundingClientRect().bottom > canvas.parentNode.getBoundingClientRect().bottom + 1);
  said.push(`cut ${cut.length}`);
  const beyond = [...document.querySelectorAll('.scroll')].filter((frame) =>
    frame.checkVisibility() && frame.scrollWidth > frame.clientWidth + 1);
  said.push(`beyond ${beyond.length}`);
  parent.postMessage({width: innerWidth, said: said.join('\n')}, '*');
}, 100));</script></body>)";

constexpr const char* k_frames = R"(<!DOCTYPE html><title>frames</title><body><script>
addEventListener('message', ({data}) => {
  const text = document.createElement('pre');
  text.textContent = `width ${data.width}\n${data.said}\nend`;
  document.body.append(text);
});
</script>
<iframe src="page.html" style="width:1280px;height:900px;border:0"></iframe>
<iframe src="page.html" style="width:717px;height:1000px;border:0"></iframe>
<iframe src="page.html" style="width:390px;height:844px;border:0"></iframe></body>)";
constexpr int k_paper = 717;  // A4 upright within the browser's own margins

/// What the page showed at one width.
struct Shown {
  std::vector<int> colours;  ///< of each canvas
  int room = -1;             ///< pixels; negative: something is wider than the window
  int cut = -1;              ///< canvases that a printed page would show a part of
  int beyond = -1;           ///< tables that, printed, would be wider than this
};

class Page : public HarnessTest {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/chromium"))
      GTEST_SKIP() << "NOT TESTED: the report in a browser needs Chromium (package chromium)";
    page_ = rendered();
    ASSERT_FALSE(page_.empty());
    frames_ = workspace_.path() / "frames.html";
    harness::write_file(frames_, k_frames);
  }

  /// Once for all tests.
  static const std::string& rendered() {
    static const std::string page = [] {
      reports::test::SyntheticRun run(7);
      run.fill();
      run.add_rates("atomic");
      run.add_engine();
      run.write();
      const Workspace workspace;
      const Ran ran = run_program(workspace, "boxoffice", {"report", run.directory().string()});
      EXPECT_EQ(0, ran.code) << ran.err;
      return text_of(run.directory() / "report.html");
    }();
    return page;
  }

  /// Opens the page with `more` in it.
  Ran open(const std::string& more) {
    std::string page = page_;
    page.replace(page.rfind("</body>"), 7, more + k_look);
    harness::write_file(workspace_.path() / "page.html", page);
    return run_program(
        workspace_, "/usr/bin/chromium",
        {"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--enable-logging=stderr", "--window-size=1400,900", "--virtual-time-budget=20000",
         "--user-data-dir=" + (workspace_.path() / "profile").string(), "--dump-dom",
         "file://" + frames_.string()});
  }

  static std::map<int, Shown> shown_by(const std::string& dom) {
    std::map<int, Shown> shown;
    std::istringstream text(dom);
    int width = 0;
    for (std::string word; text >> word;) {
      if (word.ends_with(">width") || word == "width") text >> width;
      if (word == "canvas") text >> shown[width].colours.emplace_back();
      if (word == "room") text >> shown[width].room;
      if (word == "cut") text >> shown[width].cut;
      if (word == "beyond") text >> shown[width].beyond;
    }
    return shown;
  }

  std::string page_;
  fs::path frames_;
};

TEST_F(Page, DrawsEveryChartSilentlyAtEachWidth) {
  const Ran ran = open("");
  EXPECT_EQ(std::string::npos, ran.err.find(":CONSOLE")) << ran.err;
  const auto shown = shown_by(ran.out);
  ASSERT_TRUE(shown.contains(1280) && shown.contains(k_paper) && shown.contains(390))
      << ran.out.substr(0, 2000) << ran.err;
  std::size_t canvases = 0;
  for (std::size_t at = 0; (at = page_.find("<canvas", at)) != std::string::npos; ++at) ++canvases;
  EXPECT_GT(canvases, 10U);
  EXPECT_EQ(0, shown.at(k_paper).beyond) << "on paper the rest of a table cannot be scrolled to";
  for (const int width : {1280, k_paper, 390}) {
    EXPECT_EQ(canvases, shown.at(width).colours.size()) << width;
    for (const int colours : shown.at(width).colours) EXPECT_GT(colours, 2) << width;
    EXPECT_GE(shown.at(width).room, 0) << "wider than " << width;
    EXPECT_EQ(shown.at(width).cut, 0) << "on paper";
  }
  EXPECT_LT(page_.size(), 3'000'000U);
}

// Whoever prefers a dark page gets one, with its text and charts drawn for it.
TEST_F(Page, IsLightOrDarkAsItsReaderIs) {
  const auto file = workspace_.path() / "alone.html";
  harness::write_file(file, page_);
  Browser browser(workspace_);
  browser.resize(1280, 900, false);
  const auto brightness = [&](const std::string& property) {
    return browser
        .evaluate("getComputedStyle(document.body)." + property +
                  ".match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part) / 3, 0)")
        .to_number<double>();
  };
  for (const std::string scheme : {"light", "dark"}) {
    SCOPED_TRACE(scheme);
    browser.prefer(scheme);
    browser.open("file://" + file.string());
    ASSERT_TRUE(browser.becomes_true(
        "location.protocol === 'file:' && document.readyState === 'complete'"));
    const double paper = brightness("backgroundColor"), ink = brightness("color");
    EXPECT_GT(scheme == "dark" ? ink - paper : paper - ink, 150);
    EXPECT_THAT(browser.take_complaints(), ::testing::IsEmpty());
  }
}

TEST_F(Page, CanBePrinted) {
  const auto file = workspace_.path() / "alone.html", pdf = workspace_.path() / "page.pdf";
  harness::write_file(file, page_);
  const Ran ran =
      run_program(workspace_, "/usr/bin/chromium",
                  {"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--user-data-dir=" + (workspace_.path() / "profile").string(),
                   "--print-to-pdf=" + pdf.string(), "file://" + file.string()});
  ASSERT_TRUE(fs::exists(pdf)) << ran.err;
  EXPECT_EQ("%PDF-", text_of(pdf).substr(0, 5));
  EXPECT_GT(fs::file_size(pdf), 100'000U);
}

TEST_F(Page, AScriptThatFailsIsSeen) {
  const Ran ran = open(
      "<script>document.querySelectorAll('canvas').forEach((c) => c.width = c.width);"
      "nobody.knows();</script>");
  EXPECT_THAT(ran.err, HasSubstr(":CONSOLE"));
  EXPECT_THAT(ran.err, HasSubstr("nobody is not defined"));
}

TEST_F(Page, AChartThatIsNotDrawnIsSeen) {
  const std::string draws = "=> new Chart(canvas";
  page_.replace(page_.find(draws), draws.size(), "=> Object(canvas");
  const auto shown = shown_by(open("").out);
  ASSERT_TRUE(shown.contains(1280));
  EXPECT_THAT(shown.at(1280).colours, ::testing::Contains(::testing::Le(2)));
}

}  // namespace
}  // namespace boxoffice::tests
