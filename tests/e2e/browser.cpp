// See browser.hpp.
#include "tests/e2e/browser.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "harness/database/private_database.hpp"

namespace boxoffice::tests {
namespace {

namespace json = boost::json;

constexpr int k_patience_ms = 20'000;

/// One end of a pipe for the program that is started next, one for us.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  return ends;
}

std::vector<unsigned char> decode_base64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size());
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    throw std::runtime_error("no base64");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::string Browser::find() {
  for (const auto& directory : harness::program_directories({"/usr/bin", "/usr/local/bin"})) {
    for (const char* const name : {"chromium", "chromium-browser", "google-chrome"}) {
      if (::access((directory / name).c_str(), X_OK) == 0) return directory / name;
    }
  }
  return "";
}

Browser::Browser(const Workspace& workspace) {
  const auto in = make_pipe(), out = make_pipe();
  to_ = in[1];
  from_ = out[0];
  for (const int ours : {to_, from_}) ::fcntl(ours, F_SETFD, FD_CLOEXEC);
  program_ = std::make_unique<Program>(
      workspace, "/bin/bash",  // a POSIX shell redirects descriptors of one digit only
      std::vector<std::string>{
          "-c", fmt::format("exec \"$0\" \"$@\" 3<&{} 4>&{}", in[0], out[1]), find(), "--headless",
          "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-breakpad",
          "--hide-scrollbars",
          fmt::format("--user-data-dir={}", (workspace.path() / "chromium").string()),
          "--remote-debugging-pipe", "about:blank"},
      Environment{{"HOME", workspace.path().string()}});
  ::close(in[0]);
  ::close(out[1]);
  const auto page = call("Target.createTarget", {{"url", "about:blank"}});
  const auto attached =
      call("Target.attachToTarget", {{"targetId", page.at("targetId")}, {"flatten", true}});
  session_ = attached.at("sessionId").as_string();
  for (const char* const part : {"Page", "Runtime", "Log"}) call(std::string(part) + ".enable");
}

Browser::~Browser() {
  program_->process().end(SIGTERM, 5s);
  ::close(to_);
  ::close(from_);
}

void Browser::open(const std::string& url) {
  const auto reply = call("Page.navigate", {{"url", url}});
  if (const auto* const error = reply.if_contains("errorText")) {
    throw std::runtime_error(url + ": " + std::string(error->as_string()));
  }
}

json::value Browser::evaluate(const std::string& expression) {
  const auto reply =
      call("Runtime.evaluate",
           {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
  if (reply.contains("exceptionDetails")) {
    throw std::runtime_error(expression + ": " + json::serialize(reply));
  }
  const auto* const value = reply.at("result").as_object().if_contains("value");
  return value == nullptr ? json::value() : *value;
}

bool Browser::becomes_true(const std::string& condition, std::chrono::milliseconds bound) {
  const auto is_true = [&] {
    const auto value = evaluate("document.body !== null && !!(" + condition + ")");
    return value.is_bool() && value.as_bool();
  };
  return eventually(is_true, bound);
}

void Browser::resize(int width, int height, bool mobile) {
  call("Emulation.setDeviceMetricsOverride",
       {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", mobile}});
}

void Browser::prefer(const std::string& scheme) {
  json::array features = {{{"name", "prefers-color-scheme"}, {"value", scheme}}};
  call("Emulation.setEmulatedMedia", {{"features", features}});
}

void Browser::press(const std::string& key) {
  for (const char* const type : {"keyDown", "keyUp"}) {
    call("Input.dispatchKeyEvent", {{"type", type}, {"key", key}, {"code", key}});
  }
}

void Browser::save_screenshot(const std::filesystem::path& file) {
  const auto reply =
      call("Page.captureScreenshot", {{"format", "png"}, {"captureBeyondViewport", true}});
  const auto bytes = decode_base64(std::string(reply.at("data").as_string()));
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

std::vector<std::string> Browser::take_complaints() {
  evaluate("0");  // what is under way arrives before its reply
  return std::exchange(complaints_, {});
}

json::object Browser::call(const std::string& method, json::object parameters) {
  const std::int64_t id = ++calls_;
  json::object message{{"id", id}, {"method", method}, {"params", std::move(parameters)}};
  if (!session_.empty()) message["sessionId"] = session_;
  std::string text = json::serialize(message);
  text += '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::write(to_, text.data() + sent, text.size() - sent);
    if (count <= 0) throw std::runtime_error("the browser is gone: " + program_->err());
    sent += static_cast<std::size_t>(count);
  }
  for (;;) {
    const auto reply = read_message();
    if (!reply.contains("id")) {
      note(reply);
    } else if (reply.at("id").as_int64() == id) {
      if (reply.contains("error")) throw std::runtime_error(method + json::serialize(reply));
      return reply.at("result").as_object();
    }
  }
}

json::object Browser::read_message() {
  for (std::size_t end; (end = received_.find('\0')) == std::string::npos;) {
    pollfd waiting{from_, POLLIN, 0};
    std::array<char, 65536> bytes{};
    const auto count =
        ::poll(&waiting, 1, k_patience_ms) == 1 ? ::read(from_, bytes.data(), bytes.size()) : 0;
    if (count <= 0) throw std::runtime_error("the browser does not answer: " + program_->err());
    received_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const auto end = received_.find('\0');
  auto message = json::parse(received_.substr(0, end)).as_object();
  received_.erase(0, end + 1);
  return message;
}

/// Errors that the browser logs, that the page logs, and that nothing of the page caught.
void Browser::note(const json::object& event) {
  const auto method = event.at("method").as_string();
  const auto& parameters = event.at("params");
  const bool logged = method == "Log.entryAdded" && parameters.at("entry").at("level") == "error";
  const bool called = method == "Runtime.consoleAPICalled" && parameters.at("type") == "error";
  if (logged || called || method == "Runtime.exceptionThrown") {
    complaints_.push_back(json::serialize(parameters));
  }
}

}  // namespace boxoffice::tests
