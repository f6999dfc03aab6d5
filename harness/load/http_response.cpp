// See http_response.hpp.
#include "harness/load/http_response.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

#include "harness/load/client.hpp"

namespace boxoffice::load {
namespace {

constexpr std::string_view k_head_end = "\r\n\r\n";
constexpr std::size_t k_head_bytes_max = 64 * 1024;
constexpr std::size_t k_first_room = 2 * 1024;  // a reply has a few hundred bytes; 10,000 are kept

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The whole text as a number, or nothing.
std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

}  // namespace

char* HttpResponse::room(std::size_t bytes) {
  if (bytes_.size() < size_ + bytes) {
    bytes_.resize(std::max({k_first_room, size_ + bytes, bytes_.size() * 2}));
  }
  return bytes_.data() + size_;
}

void HttpResponse::clear() {
  size_ = searched_ = body_ = end_ = chunk_ = 0;
  unchunked_.clear();
  length_.reset();
  attempts_ = 0;
  status_ = 0;
  chunked_ = aged_ = false;
  keeps_alive_ = true;
}

std::string_view HttpResponse::body() const {
  if (chunked_) return unchunked_;
  return std::string_view(bytes_).substr(body_, end_ - body_);
}

bool HttpResponse::read_status_line(std::string_view line) {
  // HTTP/1.1 200 OK
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return false;
  const auto code = number(line.substr(9, 3), 10);
  if (!code || *code < 100 || (line.size() > 12 && line[12] != ' ')) return false;
  status_ = static_cast<int>(*code);
  keeps_alive_ = line[7] != '0';
  return line[7] == '0' || line[7] == '1';
}

bool HttpResponse::read_length(std::string_view value) {
  const auto length = number(value, 10);
  if (!length || (length_ && *length_ != *length)) return false;
  length_ = length;
  return true;
}

bool HttpResponse::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  if (name.find_first_of(" \t") != std::string_view::npos) return false;
  switch (name.size()) {  // few names have the length of one that counts
    case 3:               // whatever its value: who says it is not speaking of now
      if (same_name(name, "Age")) aged_ = true;
      return true;
    case 10:
      if (!same_name(name, "Connection")) return true;
      if (same_name(value, "close")) keeps_alive_ = false;
      if (same_name(value, "keep-alive")) keeps_alive_ = true;
      return true;
    case 14:
      return !same_name(name, "Content-Length") || read_length(value);
    case 17:
      if (!same_name(name, "Transfer-Encoding")) return true;
      if (chunked_ || !same_name(value, "chunked")) return false;
      return chunked_ = true;
    case 22:
      if (same_name(name, "X-Transaction-Attempts")) {
        attempts_ = static_cast<std::int64_t>(number(value, 10).value_or(0));
      }
      return true;
    default:
      return true;
  }
}

HttpResponse::State HttpResponse::read_head() {
  const std::string_view bytes(bytes_.data(), size_);
  // "HTTP/1." or nothing that we could wait for the end of
  constexpr std::string_view k_begin = "HTTP/1.";
  const std::size_t seen = std::min(bytes.size(), k_begin.size());
  if (bytes.substr(0, seen) != k_begin.substr(0, seen)) return State::malformed;
  const std::size_t end = bytes.find(k_head_end, searched_);
  if (end == std::string_view::npos) {
    searched_ = bytes.size() < k_head_end.size() ? 0 : bytes.size() - (k_head_end.size() - 1);
    return size_ > k_head_bytes_max ? State::malformed : State::reading;
  }
  std::string_view head = bytes.substr(0, end);
  bool first = true;
  while (first || !head.empty()) {
    const std::size_t stop = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, stop);
    if (!(first ? read_status_line(line) : read_field(line))) return State::malformed;
    head.remove_prefix(std::min(stop + 2, head.size()));
    first = false;
  }
  if (length_ && chunked_) return State::malformed;
  body_ = chunk_ = end + k_head_end.size();
  return State::complete;
}

HttpResponse::State HttpResponse::read_chunks() {
  const std::string_view bytes(bytes_.data(), size_);
  while (true) {
    const std::size_t line_end = bytes.find("\r\n", chunk_);
    if (line_end == std::string_view::npos) {
      return size_ - chunk_ > k_head_bytes_max ? State::malformed : State::reading;
    }
    std::string_view line = bytes.substr(chunk_, line_end - chunk_);
    const auto length = number(trimmed(line.substr(0, line.find(';'))), 16);
    if (!length) return State::malformed;
    if (*length > k_reply_bytes_max) return State::oversized;
    const std::size_t begin = line_end + 2;
    if (*length == 0) {  // trailers end like a head does; without any, at once
      const std::size_t end = bytes.find(k_head_end, line_end);
      if (end == std::string_view::npos) {
        return size_ - line_end > k_head_bytes_max ? State::malformed : State::reading;
      }
      end_ = end + k_head_end.size();
      return State::complete;
    }
    if (size_ < begin + *length + 2) return State::reading;
    if (bytes.substr(begin + *length, 2) != "\r\n") return State::malformed;
    unchunked_.append(bytes, begin, *length);
    if (unchunked_.size() > k_reply_bytes_max) return State::oversized;
    chunk_ = begin + *length + 2;
  }
}

HttpResponse::State HttpResponse::read() {
  while (body_ == 0) {
    const State head = read_head();
    if (head != State::complete) return head;
    if (status_ >= 200) break;
    // An interim response: the real one follows. 101 would be a protocol that nobody asked for.
    if (status_ == 101) return State::malformed;
    bytes_.erase(0, body_);
    const std::size_t left = size_ - body_;
    clear();
    size_ = left;
    if (left == 0) return State::reading;
  }
  if (status_ == 204 || status_ == 304) {
    end_ = body_;
    return State::complete;
  }
  if (chunked_) return read_chunks();
  if (length_.value_or(size_ - body_) > k_reply_bytes_max) return State::oversized;
  if (!length_ || size_ - body_ < *length_) return State::reading;
  end_ = body_ + static_cast<std::size_t>(*length_);
  return State::complete;
}

HttpResponse::State HttpResponse::read_end() {
  keeps_alive_ = false;
  if (body_ == 0 || chunked_ || length_) return State::reading;
  end_ = size_;
  return State::complete;
}

}  // namespace boxoffice::load
