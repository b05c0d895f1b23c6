// A text as a value: the first byte says of which primitive. What reads is written in a form that
// reads back to the same.
#include "mplane/model/column.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/value.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace mplane;

void check_value(Primitive primitive, std::string_view text) {
  const Value value = Value::parse(primitive, text);
  require(!value.has_value() || value.primitive() == primitive);
  const std::string canonical = to_string(value);
  require(to_string(Value::parse(primitive, canonical)) == canonical);
  require(Value::parse(primitive, canonical) == value);
  require(value.as(primitive) == value);
  const auto order = compare(value, value);
  require(!order || *order == 0);
  if (primitive != Primitive::String) require(Value(std::string(text)).as(primitive) == value);
}

// A cell of a result holds what the value does, and is read and written the same.
void check_cell(Primitive primitive, std::string_view text) {
  const Value value = Value::parse(primitive, text);
  Column texts(primitive);
  texts.push_text(text);
  Column values(primitive);
  values.push(value);
  require(texts == values && texts.value(0) == value);
  require(texts.has_value(0) == value.has_value());
  std::string cell;
  texts.append_text(cell, 0);
  require(cell == to_string(value));
}

void check_duration(std::string_view text) {
  const Duration duration = parse_duration(text);
  require(duration.count() >= 0 && parse_duration(to_string(duration)) == duration);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const unsigned kind = data[0] % 8;
  try {
    if (kind == 7) {
      check_duration(text);
    } else {
      check_value(static_cast<Primitive>(kind), text);
      check_cell(static_cast<Primitive>(kind), text);
    }
  } catch (const Error& error) {
    require(!error.message().empty() && error.message().size() < 1000);
  }
  require(quoted(text).size() <= 600);
  return 0;
}
