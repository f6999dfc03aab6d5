// A client that sends exactly the bytes it is told to, which no HTTP library would.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::server::test {

struct RawReply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class RawClient {
 public:
  /// Connects to 127.0.0.1; reads give up after some seconds, so that a test fails and does not
  /// hang.
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False where the server has closed the connection.
  bool send(std::string_view bytes);
  /// No more will be sent.
  void finish();
  /// The next reply; nothing at the connection's end. `head`: a reply without the body it
  /// announces.
  std::optional<RawReply> read_reply(bool head = false);
  /// True where the server ends the connection without a byte more.
  bool is_at_end();
  RawReply ask(std::string_view bytes) {
    send(bytes);
    return read_reply().value_or(RawReply{});
  }

 private:
  bool fill();

  int socket_;
  std::string in_;
};

}  // namespace boxoffice::server::test
