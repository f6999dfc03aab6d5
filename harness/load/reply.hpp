// Reads a reply's body: what the API said about the reservation and its event, or why it refused.
// Which field says what, and which status means what, is the adapter's.
//
// Only what the history records is looked at; unknown fields are ignored. The parser and its memory
// are kept from reply to reply, so that reading one costs no allocation in the common case.
#pragma once

#include <boost/json/parser.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "harness/load/adapter.hpp"
#include "harness/load/text_ids.hpp"
#include "properties/history.hpp"

namespace boxoffice::load {

struct Reply {
  properties::Output out;    ///< http is always set, the rest as far as the body said it
  std::string code;          ///< a problem's stable code; empty for a success
  bool effect_none = false;  ///< the server promises that nothing was changed
  bool aged = false;         ///< it has an Age: it says how things were, not how they are
  bool known = true;         ///< the adapter knows what such an answer means
  /// The body is what such an answer must be: for a 2xx the reservation (or event) with its id, for
  /// anything else a problem with a code; and no count or version in it is out of range.
  bool valid = false;
};

class ReplyReader {
 public:
  /// Both must outlive it. Without `reservation_texts` an id that is a text counts as absent.
  explicit ReplyReader(const Adapter& adapter = own_api(), TextIds* reservation_texts = nullptr);
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Never throws for what a server may send: a body that is no such reply has `valid == false`.
  Reply read(properties::Function asked, int http, std::string_view body);

 private:
  Reply read_json(properties::Function asked, int http, const boost::json::value& root) const;

  static constexpr std::size_t k_memory_bytes = 16 * 1024;

  /// False where it says a number that no history may hold.
  bool read_reservation(const boost::json::value& root, const ReplyFields& fields,
                        properties::Output& out) const;

  const Adapter& adapter_;
  TextIds* reservation_texts_;
  std::unique_ptr<unsigned char[]> memory_;
  boost::json::parser parser_;
};

/// Nothing where there is no such field, or no whole number in it.
std::optional<std::int64_t> integer_at(const boost::json::value& root, const FieldPath& path);

/// "2026-07-04T18:30:00.123456Z" or "...+02:00" (RFC 3339) in microseconds since the Unix epoch;
/// nothing for any other form. The fraction may have 0 to 9 digits (those beyond microseconds are
/// dropped).
std::optional<std::int64_t> parse_utc_us(std::string_view text);

}  // namespace boxoffice::load
