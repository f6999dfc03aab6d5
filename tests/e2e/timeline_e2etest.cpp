// The timeline of what was caught, in a browser: it zooms and moves within its ends, has a true
// scale, says what is pointed at, and shows the fault behind its operations.
#include <gmock/gmock.h>

#include <optional>

#include "harness/run_directory.hpp"
#include "tests/e2e/browser.hpp"
#include "tests/e2e/harness_run.hpp"
#include "tests/reports/synthetic_parts.hpp"
#include "tests/reports/synthetic_run.hpp"

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;

// What the tests say, in the page's terms: its one drawing, and events as a hand makes them.
constexpr const char* k_hands = R"(
  globalThis.frame = document.querySelector('.contradiction');
  globalThis.bar = frame.querySelector('.operation .bar');
  globalThis.at = (element, name) => Number(element.getAttribute(name));
  globalThis.click = (label) => frame.querySelector(`button[aria-label="${label}"]`).click();
  globalThis.point = (element, kind) => element.dispatchEvent(new PointerEvent(kind));
  globalThis.wheel = (up) => {
    const box = frame.querySelector('.plot').getBoundingClientRect();
    const turn = new WheelEvent('wheel', {deltaY: up ? -100 : 100, clientX: box.left,
                                          clientY: box.top, bubbles: true, cancelable: true});
    return !frame.querySelector('.timeline').dispatchEvent(turn);
  };
  globalThis.press = (key) => frame.querySelector('.timeline').dispatchEvent(
      new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  0)";

class PageTimeline : public HarnessTest {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/chromium"))
      GTEST_SKIP() << "NOT TESTED: the report in a browser needs Chromium (package chromium)";
    reports::test::SyntheticRun run;
    run.add_control(true);
    run.trials.back().history = reports::test::lost_update_history(true);
    run.write();
    const Ran ran = run_program(workspace_, "boxoffice", {"report", run.directory().string()});
    ASSERT_EQ(0, ran.code) << ran.err;
    const fs::path page = workspace_.path() / "timeline.html";
    harness::write_file(page, text_of(run.directory() / "report.html"));
    browser_.emplace(workspace_);
    browser_->resize(1280, 900, false);
    browser_->open("file://" + page.string());
    ASSERT_TRUE(browser_->becomes_true(
        "location.protocol === 'file:' && document.readyState === 'complete' && "
        "document.querySelectorAll('.contradiction').length === 1"));
    browser_->evaluate(k_hands);
  }
  void TearDown() override {
    if (!browser_) return;
    EXPECT_THAT(browser_->take_complaints(), ::testing::IsEmpty());
  }
  double number(const std::string& expression) {
    return browser_->evaluate(expression).to_number<double>();
  }
  std::string text(const std::string& expression) {
    return std::string(browser_->evaluate(expression).as_string());
  }
  bool holds(const std::string& expression) { return browser_->evaluate(expression).as_bool(); }

  std::optional<Browser> browser_;
};

TEST_F(PageTimeline, ZoomsMovesAndShowsAllAgain) {
  const double width = number("at(bar, 'width')"), x = number("at(bar, 'x')");
  ASSERT_GT(width, 0);
  browser_->evaluate("click('zoom in')");
  EXPECT_NEAR(1.4 * width, number("at(bar, 'width')"), 1e-3 * width);
  const double before = number("at(bar, 'x')");
  browser_->evaluate("click('later')");
  EXPECT_LT(number("at(bar, 'x')"), before) << "what is earlier goes to the left";
  browser_->evaluate("for (let i = 0; i < 50; ++i) click('earlier')");
  EXPECT_NEAR(0, number("at(bar, 'x')"), 1e-6) << "not beyond its first moment";
  browser_->evaluate("for (let i = 0; i < 50; ++i) click('zoom out')");
  EXPECT_NEAR(width, number("at(bar, 'width')"), 0.1) << "nor wider than all";
  browser_->evaluate("click('zoom in'); click('zoom in'); click('show all')");
  EXPECT_NEAR(width, number("at(bar, 'width')"), 0.1);
  EXPECT_NEAR(x, number("at(bar, 'x')"), 0.1);
}

TEST_F(PageTimeline, TheWheelAndTheKeysAreItsOwnOnlyWhereItHasTheFocus) {
  const double width = number("at(bar, 'width')");
  EXPECT_FALSE(holds("wheel(true)")) << "the page must scroll past it";
  EXPECT_NEAR(width, number("at(bar, 'width')"), 0.1);
  browser_->evaluate("frame.querySelector('.timeline').focus()");
  EXPECT_TRUE(holds("wheel(true)"));
  EXPECT_NEAR(1.4 * width, number("at(bar, 'width')"), 1e-3 * width);
  browser_->evaluate("press('+')");
  EXPECT_NEAR(1.96 * width, number("at(bar, 'width')"), 1e-3 * width);
  browser_->evaluate("press('0')");
  EXPECT_NEAR(width, number("at(bar, 'width')"), 0.1);
}

// In order all steps are as wide; to scale the bar of 1.9 ms is 1.9 parts of a lane of ms.
TEST_F(PageTimeline, HasATrueScaleWithTicks) {
  EXPECT_EQ(0, number("frame.querySelectorAll('.ticks text').length"));
  browser_->evaluate(
      "const axis = frame.querySelector('select'); axis.value = 'ms';"
      "axis.dispatchEvent(new Event('change'))");
  EXPECT_GE(number("frame.querySelectorAll('.ticks text').length"), 3);
  EXPECT_TRUE(
      holds("(() => {"
            "  const [from, to] = bar.dataset.ms.split(' ').map(Number);"
            "  const plot = frame.querySelector('.plot');"
            "  const [first, last] = plot.dataset.ms.split(' ').map(Number);"
            "  const wanted = plot.width.baseVal.value * (to - from) / (last - first);"
            "  return Math.abs(at(bar, 'width') - wanted) < 0.5 && to - from > 1;"
            "})()"));
  EXPECT_THAT(text("frame.querySelector('.axis').textContent"), ::testing::HasSubstr("ms"));
}

TEST_F(PageTimeline, SaysWhatIsPointedAtAndMarksItsRow) {
  const auto details = [&] { return text("frame.querySelector('.details').textContent"); };
  const std::string idle = details();
  browser_->evaluate("point(bar.parentNode, 'pointerenter')");
  EXPECT_EQ(text("bar.parentNode.querySelector('title').textContent"), details());
  EXPECT_THAT(details(), ::testing::HasSubstr("reserve"));
  EXPECT_EQ(1, number("frame.querySelectorAll('tr.marked').length"));
  EXPECT_EQ(text("bar.parentNode.querySelector('title').textContent.split(' ')[0]"),
            text("frame.querySelector('tr.marked').cells[0].textContent"));
  browser_->evaluate("point(bar.parentNode, 'pointerleave')");
  EXPECT_EQ(idle, details());
  EXPECT_EQ(0, number("frame.querySelectorAll('tr.marked').length"));
  browser_->evaluate("bar.parentNode.focus()");
  EXPECT_THAT(details(), ::testing::HasSubstr("reserve")) << "the keyboard points, too";
}

TEST_F(PageTimeline, ShowsTheFaultBehindItsOperationsWithALegend) {
  EXPECT_EQ(1, number("frame.querySelectorAll('.fault .band').length"));
  EXPECT_TRUE(holds(
      "(() => {"
      "  const band = frame.querySelector('.fault .band');"
      "  const operation = frame.querySelector('.operation');"
      "  return !!(band.compareDocumentPosition(operation) & Node.DOCUMENT_POSITION_FOLLOWING);"
      "})()"))
      << "drawn first, so that it lies behind";
  EXPECT_NE(text("getComputedStyle(frame.querySelector('.fault .band')).fill"), "none");
  EXPECT_THAT(text("frame.querySelector('.legend').textContent"),
              ::testing::HasSubstr("a fault, until it was healed"));
  browser_->evaluate("point(frame.querySelector('.fault'), 'pointerenter')");
  EXPECT_THAT(text("frame.querySelector('.details').textContent"),
              ::testing::HasSubstr("fault from"));
}

}  // namespace
}  // namespace boxoffice::tests
