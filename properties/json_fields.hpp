// Reading the fields of a stored JSON object, without exceptions: the first thing that is wrong is
// kept as a sentence, later ones are ignored, and the caller asks once at the end.
//
// A missing field is the type's default where the writers omit defaults, and an error where
// `required` says so. A field that nobody asked for is an error where the reader says `no_others`:
// what is not understood may not be passed over in silence. Numbers are bounded, so that the oracle
// can add and subtract whatever was read without overflow.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <limits>
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

/// Counts and versions: what every reader of JSON agrees on, and what may be summed up.
inline constexpr std::int64_t k_integer_max = (std::int64_t{1} << 53) - 1;
/// Ids are compared only, so that any will do; but the least number stands for none.
inline constexpr std::int64_t k_id_max = std::numeric_limits<std::int64_t>::max();
/// Of times: the difference of any two is still a number. In microseconds the year 9999 is far
/// below.
inline constexpr std::int64_t k_time_ns_max = 4'000'000'000'000'000'000;
inline constexpr std::int64_t k_time_us_max = k_time_ns_max;
/// Tickets of one reservation, or of one request.
inline constexpr std::int64_t k_quantity_max = (std::int64_t{1} << 31) - 1;

template <class T>
using ReadResult = boost::system::result<T, ReadError>;

class JsonFields {
 public:
  /// `error` outlives this object; it stays as it is when it already holds a sentence.
  JsonFields(const boost::json::object& object, std::string& error)
      : object_(object), error_(error) {}

  /// Integers of at most `most`, and at least -`most`.
  std::int64_t required_integer(std::string_view key, std::int64_t most = k_integer_max);
  std::int64_t integer(std::string_view key, std::int64_t most = k_integer_max);
  std::optional<std::int64_t> optional_integer(std::string_view key,
                                               std::int64_t most = k_integer_max);
  std::uint64_t unsigned_integer(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  std::string text(std::string_view key);
  std::string_view required_word(std::string_view key);

  /// The nested object or array, or null where it is absent (or, with an error, of another kind).
  const boost::json::object* nested(std::string_view key);
  const boost::json::array* list(std::string_view key);

  /// Once, after all fields were read: any other field is an error.
  void no_others();

  /// Keeps the sentence unless there is one already.
  void fail(std::string_view key, std::string_view what);

 private:
  /// Notes that the reader knows this field. Null: it is absent.
  const boost::json::value* find(std::string_view key);

  const boost::json::object& object_;
  std::string& error_;
  std::array<std::string_view, 24> known_{};  ///< those that are there
  std::size_t known_count_ = 0;
};

}  // namespace boxoffice::properties
