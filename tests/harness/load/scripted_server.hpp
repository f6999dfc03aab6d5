// A tiny HTTP server for tests, on a port the kernel chose: a thread a connection, and a script
// that says for each request what is sent back and what becomes of the connection. It remembers
// every request that it read completely: exactly-once is judged by that list.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace boxoffice::load {

struct ReceivedRequest {
  std::string method;
  std::string path;
  std::string head;  ///< as it came, request line included
  std::string body;
  int connection = 0;     ///< in the order of accepting
  int on_connection = 0;  ///< the how-many-th request of its connection, from 0
  int overall = 0;        ///< of all connections, from 0

  std::string header(const std::string& name) const;
};

enum class After {
  keep,   ///< reads the next request
  close,  ///< closes in an orderly way
  reset,  ///< closes with a reset
  hang,   ///< sends nothing more and waits for the client to go
};

struct ScriptedReply {
  std::string bytes;
  After after = After::keep;
};

class ScriptedServer {
 public:
  using Script = std::function<ScriptedReply(const ReceivedRequest&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string target() const;
  std::vector<ReceivedRequest> requests() const;

 private:
  void accept_all();
  void serve(int fd, int connection);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;  // guards the rest
  std::vector<ReceivedRequest> requests_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A whole reply with a Content-Length.
std::string http_reply(int status, const std::string& body, const std::string& headers = {});

/// Bodies as the API sends them.
std::string reservation_body(int id, int available, int version);
std::string problem_body(int status, const std::string& code, bool effect_none);

}  // namespace boxoffice::load
