#pragma once

#include "mplane/model/value.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What values a parameter may have (protocol, section 4). Immutable but for assignment.
///
///     constraint = "*" | value " ... " value | value *("," value)
class Constraint {
 public:
  enum class Kind : std::uint8_t { Any, Range, Set };

  /// Anything: `*`.
  Constraint() noexcept = default;
  /// From low to high, both included; reordered when reversed.
  /// @throws Error{Invalid} where the two have no order, or cannot be said in a range.
  static Constraint range(Value low, Value high);
  /// One of these, in this order; equal members count once. An address that is a network admits
  /// every host and network inside it. @throws Error{Invalid} when empty, or a member cannot be
  /// said in a set: no value, a text with a comma or " ... ", or one that starts with a blank
  /// behind a comma.
  static Constraint one_of(std::vector<Value> members);
  /// @throws Error{Malformed, Invalid} naming text and primitive.
  static Constraint parse(Primitive primitive, std::string_view text);

  Kind kind() const noexcept { return kind_; }
  bool is_any() const noexcept { return kind_ == Kind::Any; }
  /// The only value admitted, or null: the one member of a set, the bounds of a range when they are
  /// equal. A network is not a single value: it admits its hosts.
  const Value* single() const noexcept;
  /// The members of a set; of a range its two bounds; else empty.
  std::span<const Value> values() const noexcept { return values_; }

  /// Whether a value may be chosen. No value is admitted by `*` alone.
  bool admits(const Value& value) const noexcept;
  /// Whether every value that `other` admits is admitted here.
  bool contains(const Constraint& other) const;

  friend bool operator==(const Constraint&, const Constraint&) noexcept = default;

 private:
  Kind kind_ = Kind::Any;
  std::vector<Value> values_;
};

/// Canonical text: members joined by ",", bounds by " ... ".
std::string to_string(const Constraint& constraint);

/// Appends the same to `out`.
void append(std::string& out, const Constraint& constraint);

}  // namespace mplane
