// Typed reading of the run directory's JSON files.
//
// Every file is read field by field, and a fault is one sentence that names the file, the field and
// what is wrong with it ("trials/003-.../trial.json: outcomes.success: is missing"), because the
// person who reads it has a directory of thirty files before them. What the contract
// (docs/run-directory.md) lists must be there; nothing is guessed.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boxoffice::reports {

/// A file of the run directory is missing, damaged or of another schema. what() names the file and
/// the fault.
class DamagedRun : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Named values in the order in which the file has them, for what is shown and not computed with.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// One JSON object of one file. Refers to the object: it must outlive the Fields.
class Fields {
 public:
  /// `where` is what a message starts with: the file, as seen from the run directory.
  Fields(const boost::json::value& value, std::string where, std::string prefix = "");

  /// Throws DamagedRun unless the field "schema" is exactly `schema`.
  void expect_schema(std::string_view schema) const;

  bool has(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string fallback) const;
  std::optional<std::string> text_or_null(std::string_view name) const;
  double number(std::string_view name) const;  ///< finite, not negative
  std::optional<double> number_or_null(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::int64_t count(std::string_view name) const;  ///< an integer, not negative
  std::uint64_t seed(std::string_view name) const;
  bool flag(std::string_view name) const;
  Fields object(std::string_view name) const;
  std::vector<Fields> objects(std::string_view name) const;  ///< empty where the field is absent
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  NamedTexts named_texts(std::string_view name) const;  ///< any object, its values as text
  std::vector<std::string> names() const;

  [[noreturn]] void fail(std::string_view name, std::string_view fault) const;

 private:
  const boost::json::value& at(std::string_view name) const;
  const boost::json::value* find(std::string_view name) const;

  const boost::json::object* object_;
  std::string where_;
  std::string prefix_;
};

/// The whole file as text. Throws DamagedRun, with `where` in front, where it cannot be read.
std::string read_text(const std::filesystem::path& path, const std::string& where);

/// The whole file as JSON. Throws DamagedRun where it cannot be read or is not JSON, with the byte
/// of the fault.
boost::json::value read_json(const std::filesystem::path& path, const std::string& where);

}  // namespace boxoffice::reports
