// See commit_message.hpp. Sources: PostgreSQL manual, "Message Formats"; MySQL's protocol
// documentation, "COM_QUERY" and "OK_Packet".
#include "harness/faults/commit_message.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t k_mysql_header_bytes = 4;  // length in three, the packet's number in one

bool commits_on_postgresql(std::string_view sent) {
  // 'Q', four bytes of length, the text.
  if (sent.size() > 5 && sent.front() == 'Q') return sent.substr(5).starts_with("commit");
  // 'B', four bytes of length, no portal's name, the statement's name.
  const auto bound = sent.find("\0commit\0"sv);
  return bound != sent.npos && bound >= 5 && sent[bound - 5] == 'B';
}

}  // namespace

bool asks_to_commit(Wire wire, std::string_view sent) {
  if (wire == Wire::postgresql) return commits_on_postgresql(sent);
  if (sent.size() <= k_mysql_header_bytes) return false;
  return sent.substr(k_mysql_header_bytes)
      .starts_with(
          "\x03"
          "commit"sv);
}

bool says_committed(Wire wire, std::string_view answered) {
  // CommandComplete: 'C', its length, the tag.
  if (wire == Wire::postgresql)
    return answered.find(
               "C\0\0\0\x0b"
               "COMMIT\0"sv) != answered.npos;
  return answered.size() > k_mysql_header_bytes && answered[k_mysql_header_bytes] == '\0';
}

}  // namespace boxoffice::harness
