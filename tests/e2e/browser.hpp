// A headless Chromium that a test drives, by the DevTools protocol over two pipes: no port, no
// other program. Whatever the page complains of, in its console or by an exception, is kept.
// Source: chromedevtools.github.io/devtools-protocol; --remote-debugging-pipe reads descriptor 3
// and writes descriptor 4, each message ended by a NUL.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"

namespace boxoffice::tests {

class Browser {
 public:
  /// Its program; empty where there is none (package chromium).
  static std::string find();

  explicit Browser(const Workspace& workspace);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void open(const std::string& url);
  /// What an expression is, as JSON; a promise is waited for. Throws where it throws.
  boost::json::value evaluate(const std::string& expression);
  /// Whether it becomes true.
  bool becomes_true(const std::string& condition, std::chrono::milliseconds bound = 10s);
  void resize(int width, int height, bool mobile);
  /// "light" or "dark".
  void prefer(const std::string& scheme);
  /// A key by its name: "ArrowLeft".
  void press(const std::string& key);
  void save_screenshot(const std::filesystem::path& file);
  /// Errors of the page since the last time, in its console's words.
  std::vector<std::string> take_complaints();

 private:
  boost::json::object call(const std::string& method, boost::json::object parameters = {});
  boost::json::object read_message();
  void note(const boost::json::object& event);

  int to_ = -1, from_ = -1;
  std::unique_ptr<Program> program_;
  std::string session_;
  std::string received_;
  std::int64_t calls_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace boxoffice::tests
