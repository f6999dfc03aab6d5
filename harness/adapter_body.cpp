// See adapter_body.hpp. Texts around the places are joined, so that a body of one place is two
// pieces.
#include "harness/adapter_body.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <stdexcept>

namespace boxoffice::harness {

namespace {

namespace json = boost::json;
using load::Form;
using load::Pattern;
using load::Place;

class Writer {
 public:
  void write(const toml::node& node) {
    if (const auto* table = node.as_table()) return write_object(*table);
    if (const auto* array = node.as_array()) return write_array(*array);
    if (const auto* text = node.as_string()) return write_text(text->get());
    if (const auto* number = node.as_integer())
      return add(json::serialize(json::value(number->get())));
    if (const auto* truth = node.as_boolean()) return add(truth->get() ? "true" : "false");
    const auto* real = node.as_floating_point();
    if (real == nullptr || !std::isfinite(real->get()))
      throw std::invalid_argument("holds a value that JSON has no form for");
    add(json::serialize(json::value(real->get())));
  }

  Pattern take() {
    if (!text_.empty()) pattern_.push_back({std::move(text_), Place::none, Form::json_value});
    return std::move(pattern_);
  }

 private:
  void add(std::string_view text) { text_ += text; }
  void add(Place place, Form form) {
    pattern_.push_back({std::move(text_), place, form});
    text_.clear();
  }

  void write_object(const toml::table& table) {
    add("{");
    bool first = true;
    for (const auto& [key, value] : table) {
      if (!first) add(",");
      first = false;
      add(json::serialize(json::string(key.str())));
      add(":");
      write(value);
    }
    add("}");
  }

  void write_array(const toml::array& array) {
    add("[");
    bool first = true;
    for (const toml::node& value : array) {
      if (!first) add(",");
      first = false;
      write(value);
    }
    add("]");
  }

  void write_text(const std::string& text) {
    const Pattern pieces = load::parse_pattern(text);
    const bool alone = pieces.size() == 1 && pieces.front().text.empty();
    if (alone && pieces.front().place != Place::request_id)
      return add(pieces.front().place, Form::json_value);
    add("\"");
    for (const load::Piece& piece : pieces) {
      const std::string quoted = json::serialize(json::string(piece.text));
      add(std::string_view(quoted).substr(1, quoted.size() - 2));
      if (piece.place != Place::none) add(piece.place, Form::json_text);
    }
    add("\"");
  }

  Pattern pattern_;
  std::string text_;
};

}  // namespace

Pattern json_pattern(const toml::node& node) {
  Writer writer;
  writer.write(node);
  return writer.take();
}

}  // namespace boxoffice::harness
