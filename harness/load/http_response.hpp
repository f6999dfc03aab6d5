// Reads one HTTP/1.1 response out of the bytes of a connection (RFC 9112): the client's half of the
// protocol, as far as a generator needs it.
//
// Bytes are added as they come and read() is asked after each; nothing is copied but a chunked
// body. What is ambiguous (two different lengths, a length beside chunks, a header line that is
// folded or has no colon) is malformed: a reply that two readers could read differently must not
// become a success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::load {

class HttpResponse {
 public:
  enum class State {
    reading,    ///< more bytes are needed
    complete,   ///< status(), body() and attempts() hold
    malformed,  ///< this is no HTTP/1.x response
    oversized,  ///< more than k_reply_bytes_max
  };

  /// Where the next bytes of the connection go: `add(n)` says how many were put there.
  char* room(std::size_t bytes);
  void add(std::size_t bytes) { size_ += bytes; }

  /// Reads on. A HEAD request or a tunnel is never asked for, so that the head alone decides where
  /// the body ends.
  State read();
  /// The other side has closed: complete where the body lasts until then, else what is missing
  /// stays missing (`reading`: the response was cut off, or never began).
  State read_end();

  bool begun() const { return size_ > 0; }
  int status() const { return status_; }
  std::string_view body() const;
  std::int64_t attempts() const { return attempts_; }  ///< X-Transaction-Attempts, 0: none
  /// It has an Age (RFC 9111, 5.1): it comes from a cache or a replica and is of the past.
  bool aged() const { return aged_; }
  /// False where the connection ends with this response.
  bool keeps_alive() const { return keeps_alive_; }

  /// Forgets this response; bytes behind it would be of one that nobody asked for.
  void clear();
  /// Bytes behind the complete response: the connection is out of step.
  bool has_surplus() const { return size_ > end_; }

 private:
  State read_head();
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  bool read_length(std::string_view value);
  State read_chunks();

  std::string bytes_;  // sized for reading into; the first size_ are there
  std::size_t size_ = 0;
  std::size_t searched_ = 0;  // no end of the head before this
  std::size_t body_ = 0;      // where the body begins; 0: the head is not complete
  std::size_t end_ = 0;       // behind the response, once complete
  std::size_t chunk_ = 0;     // where the next chunk begins
  std::string unchunked_;
  std::optional<std::uint64_t> length_;
  std::int64_t attempts_ = 0;
  int status_ = 0;
  bool chunked_ = false;
  bool aged_ = false;
  bool keeps_alive_ = true;
};

}  // namespace boxoffice::load
