// The live dashboard in a headless Chromium, over a server under load: it draws what the server
// does, in light and dark, on a desk and on a phone, by pointer and by keys; it says when the
// server is gone; and nothing but its own script runs in it.
//
// Where Chromium is not installed ctest lists this as skipped (cmake/setup browser). With
// BOXOFFICE_SCREENSHOTS=DIR what was seen is kept there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>

#include "tests/e2e/browser.hpp"
#include "tests/e2e/buyers.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Text against what is behind it, as WCAG 2 measures it; the least of all that is shown.
constexpr const char* k_least_contrast = R"js((() => {
  const numbers = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const e of document.querySelectorAll('h1, h2, p, dt, dd, small, th, td, li, b, a, summary, button')) {
    const a = light(numbers(getComputedStyle(e).color)), b = light(behind(e));
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
})())js";

class LiveDashboard : public ServerTest {
 protected:
  void SetUp() override {
    if (Browser::find().empty()) {
      GTEST_SKIP() << "NOT TESTED: no Chromium here (cmake/setup browser)";
    }
    browser_ = std::make_unique<Browser>(workspace_);
    browser_->resize(1280, 900, false);
    start({"--port", "0", "--operations-port", "0"});
  }
  void start(std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--pool", "4", "--sweep-interval", "1s", "--log-level", "warn"});
    server_ = std::make_unique<RunningServer>(workspace_, url_, flags);
    port_ = server_->operations_port();
  }
  void open() { browser_->open(fmt::format("http://127.0.0.1:{}/dashboard", port_)); }
  std::string text(const std::string& selector) {
    return std::string(
        browser_->evaluate(fmt::format("document.querySelector('{}').textContent", selector))
            .as_string());
  }
  void look(const std::string& name) {
    const char* const directory = std::getenv("BOXOFFICE_SCREENSHOTS");
    if (directory != nullptr) {
      browser_->save_screenshot(std::filesystem::path(directory) / (name + ".png"));
    }
  }
  double number(const std::string& expression) {
    return browser_->evaluate(expression).to_number<double>();
  }
  void expect_readable(const std::string& scheme) {
    SCOPED_TRACE(scheme);
    browser_->prefer(scheme);
    const double light =
        number("parseInt(getComputedStyle(document.body).backgroundColor.slice(4))");
    if (scheme == "dark") {
      EXPECT_LT(light, 60);
    } else {
      EXPECT_GT(light, 200);
    }
    EXPECT_GE(number(k_least_contrast), 4.5);
    look(scheme);
  }

  std::unique_ptr<Browser> browser_;
  std::unique_ptr<RunningServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(LiveDashboard, DrawsWhatTheServerDoesForEveryReader) {
  const auto wanted = add_event(1'000'000), gone = add_event(1);
  const auto seconds = std::getenv("BOXOFFICE_SCREENSHOTS") != nullptr ? 40 : 4;
  server_->client().ask("GET", fmt::format("/api/events/{}", wanted));
  Buyers buyers(server_->port(), wanted, tokens_);
  ASSERT_EQ(201, server_->client(tokens_[20]).reserve(gone).status());
  open();
  ASSERT_EQ(409, server_->client(tokens_[21]).reserve(gone).status());
  ASSERT_TRUE(browser_->becomes_true(
      fmt::format("(document.querySelector('.area.held')?.getAttribute('d').length ?? 0) > {} && "
                  "document.querySelectorAll('.line').length >= 5",
                  seconds * 20),
      60s))
      << text("body");
  EXPECT_EQ("Ready", text("#state"));
  EXPECT_GT(number("parseFloat(document.querySelector('#tile-held .value').textContent)"), 1);
  EXPECT_GT(number("parseFloat(document.querySelector('#tile-latency .value').textContent)"), 0);
  EXPECT_THAT(text("#tile-pool .value"), HasSubstr("of 4"));
  EXPECT_TRUE(browser_->becomes_true(
      "document.querySelector('#tile-identity .value').textContent === 'yes'"));
  EXPECT_EQ(fmt::format("#{}", wanted), text("#hot tbody tr:first-child th"));
  EXPECT_TRUE(eventually([&] {  // a reply that meets another one at the table leaves nothing there
    server_->client().ask("GET", fmt::format("/api/events/{}", wanted));
    return text("#hot tbody tr:first-child .left").find("of 1,000,000") != std::string::npos;
  }));
  EXPECT_TRUE(browser_->becomes_true(fmt::format(
      "[...document.querySelectorAll('#hot tbody tr')].some((row) => row.cells[0].textContent === "
      "'#{}' && row.cells[1].textContent.includes('sold out'))",
      gone)));

  expect_readable("light");
  browser_->evaluate("document.querySelector('.chart svg').focus()");
  browser_->press("ArrowLeft");
  browser_->press("ArrowLeft");
  EXPECT_THAT(text(".chart .at"), HasSubstr("s ago"));
  EXPECT_THAT(text(".chart:last-child .at"), HasSubstr("s ago")) << "all charts, at one time";
  browser_->press("Escape");
  EXPECT_EQ("now", text(".chart .at"));
  EXPECT_EQ(4, number("[...document.querySelectorAll('.chart svg[role=img][tabindex=\"0\"]')]"
                      ".filter((svg) => /held|median|routes|work/.test(svg.ariaLabel)).length"));
  browser_->evaluate("document.querySelector('.chart details').open = true");
  EXPECT_TRUE(browser_->becomes_true("document.querySelectorAll('.chart tbody tr').length > 2"));
  browser_->evaluate("document.querySelector('.chart details').open = false");

  expect_readable("dark");
  browser_->resize(390, 844, true);
  EXPECT_LE(number("document.documentElement.scrollWidth"), 390) << "nothing to scroll sideways";
  look("phone-dark");
  browser_->prefer("light");
  look("phone");
  EXPECT_THAT(browser_->take_complaints(), IsEmpty());
}

TEST_F(LiveDashboard, SaysWhenTheServerIsGoneAndWhenItIsBack) {
  open();
  ASSERT_TRUE(browser_->becomes_true("document.body.className === 'good'"));
  server_->program().process().signal(SIGSTOP);
  EXPECT_TRUE(browser_->becomes_true("document.body.className === 'bad stale'"));
  EXPECT_EQ("No answer", text("#state"));
  server_->program().process().signal(SIGCONT);
  EXPECT_TRUE(browser_->becomes_true("document.body.className === 'good'"));

  const std::string ports[] = {std::to_string(server_->port()), std::to_string(port_)};
  server_->program().process().end(SIGKILL, 5s);
  EXPECT_TRUE(browser_->becomes_true("document.body.className === 'bad stale'"));
  look("gone");
  start({"--port", ports[0], "--operations-port", ports[1], "--grace", "20s"});
  EXPECT_TRUE(browser_->becomes_true("document.body.className === 'good'"));
  server_->program().process().signal(SIGTERM);
  EXPECT_TRUE(
      browser_->becomes_true("document.querySelector('#state').textContent === 'Draining'"));
  server_->program().process().signal(SIGTERM);
}

TEST_F(LiveDashboard, NothingButItsOwnScriptRunsAndNobodyElseIsAsked) {
  const Reply page = Client(port_).ask("GET", "/dashboard");
  EXPECT_EQ("text/html; charset=utf-8", page.header("content-type"));
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'; script-src "
                                                                "'sha256-"));
  open();
  ASSERT_TRUE(browser_->becomes_true("document.body.className === 'good'"));
  ASSERT_THAT(browser_->take_complaints(), IsEmpty());
  browser_->evaluate(
      "window.intruder = 0; const script = document.createElement('script');"
      "script.textContent = 'window.intruder = 1'; document.body.append(script)");
  EXPECT_EQ(0, number("window.intruder"));
  const auto outside = fmt::format("http://127.0.0.1:{}/api/events", server_->port());
  EXPECT_EQ("blocked", browser_
                           ->evaluate("new Promise((done) => {"
                                      "addEventListener('securitypolicyviolation', () => "
                                      "done('blocked'), {once: true}); fetch('" +
                                      outside + "').then(() => done('sent'), () => 0)})")
                           .as_string());
  EXPECT_THAT(browser_->take_complaints(), ::testing::SizeIs(::testing::Ge(2U)));
}

}  // namespace
}  // namespace boxoffice::tests
