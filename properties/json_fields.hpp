// Reading the fields of a stored JSON object, without exceptions: the first thing that is wrong is
// kept as a sentence, later ones are ignored, and the caller asks once at the end.
//
// A missing field is the type's default where the writers omit defaults, and an error where
// `required` says so. Unknown fields are left alone, so that newer files stay readable.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::properties {

/// Where a stored file is wrong (line from 1) and what is wrong there.
struct ReadError {
  std::int64_t line = 0;
  std::string message;
  bool operator==(const ReadError&) const = default;
};

/// Lets result<T, ReadError>::value() throw a std::runtime_error with line and message.
[[noreturn]] void throw_exception_from_error(const ReadError& error,
                                             const boost::source_location& where);

template <class T>
using ReadResult = boost::system::result<T, ReadError>;

class JsonFields {
 public:
  /// `error` outlives this object; it stays as it is when it already holds a sentence.
  JsonFields(const boost::json::object& object, std::string& error)
      : object_(object), error_(error) {}

  std::int64_t required_integer(std::string_view key);
  std::int64_t integer(std::string_view key);
  std::optional<std::int64_t> optional_integer(std::string_view key);
  std::uint64_t unsigned_integer(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  std::string text(std::string_view key);
  std::string_view required_word(std::string_view key);

  /// The nested object or array, or null where it is absent (or, with an error, of another kind).
  const boost::json::object* nested(std::string_view key);
  const boost::json::array* list(std::string_view key);

  /// Keeps the sentence unless there is one already.
  void fail(std::string_view key, std::string_view what);

 private:
  const boost::json::object& object_;
  std::string& error_;
};

}  // namespace boxoffice::properties
