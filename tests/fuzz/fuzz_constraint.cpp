// A text as a constraint, a blank line, another one: the first byte says of which primitive. What
// reads is written in a form that reads back; containing agrees with admitting.
#include "mplane/model/constraint.hpp"
#include "mplane/model/error.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace mplane;

Constraint read(Primitive primitive, std::string_view text) {
  const Constraint constraint = Constraint::parse(primitive, text);
  const std::string canonical = to_string(constraint);
  require(Constraint::parse(primitive, canonical) == constraint);
  require(to_string(Constraint::parse(primitive, canonical)) == canonical);
  require(constraint.contains(constraint));
  require(constraint.admits(Value()) == constraint.is_any());
  for (const Value& value : constraint.values()) require(constraint.admits(value));
  if (const Value* single = constraint.single()) require(constraint.admits(*single));
  return constraint;
}

void check_pair(const Constraint& outer, const Constraint& inner) {
  const bool contains = outer.contains(inner);
  require(Constraint().contains(inner) && (outer.is_any() || !outer.contains(Constraint())));
  for (const Value& value : inner.values()) require(!contains || outer.admits(value));
  if (inner.kind() != Constraint::Kind::Set) return;
  const bool admits_all = std::all_of(inner.values().begin(), inner.values().end(),
                                      [&outer](const Value& value) { return outer.admits(value); });
  require(contains == admits_all);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto primitive = static_cast<Primitive>(data[0] % 7);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t gap = std::min(text.find("\n\n"), text.size());
  try {
    const Constraint outer = read(primitive, text.substr(0, gap));
    const Constraint inner = read(primitive, text.substr(std::min(gap + 2, text.size())));
    check_pair(outer, inner);
    check_pair(inner, outer);
  } catch (const Error&) {
  }
  return 0;
}
