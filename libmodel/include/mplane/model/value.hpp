#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/primitive.hpp"
#include "mplane/model/time.hpp"
#include "mplane/model/uri.hpp"

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace mplane {

/// The absence of a value: `*` on the wire, null in JSON exports, empty in CSV.
struct NoValue {
  friend constexpr auto operator<=>(NoValue, NoValue) noexcept = default;
};

/// One value of any primitive, or none (protocol, section 2). Immutable but for assignment.
class Value {
 public:
  using Alternatives =
      std::variant<NoValue, std::string, std::uint64_t, double, bool, Time, Address, Uri>;

  // Implicit on purpose: rows and parameters are written as {"name", 5}, {"name", "text"}.
  // NOLINTBEGIN(google-explicit-constructor)
  Value() noexcept = default;
  Value(NoValue) noexcept {}
  Value(std::string text) noexcept : value_(std::move(text)) {}
  Value(std::string_view text) : value_(std::string(text)) {}
  Value(const char* text) : value_(std::string(text)) {}
  /// @throws Error{Invalid} when it is infinite or no number: a real is neither.
  Value(double real) : value_(finite(real)) {}
  Value(Time time) noexcept : value_(time) {}
  Value(Instant instant) noexcept : value_(Time(instant)) {}
  Value(Address address) noexcept : value_(address) {}
  Value(const Ip4& address) noexcept : value_(Address(address)) {}
  Value(const Ip6& address) noexcept : value_(Address(address)) {}
  Value(Uri url) noexcept : value_(std::move(url)) {}
  template <std::same_as<bool> B>
  Value(B boolean) noexcept : value_(boolean) {}
  template <std::unsigned_integral N>
  requires(!std::same_as<N, bool>) Value(N natural)
  noexcept : value_(std::uint64_t{natural}) {}
  /// @throws Error{Invalid} when it is negative: a natural is not.
  template <std::signed_integral N>
  Value(N integer) : value_(natural_of(integer)) {}
  template <typename T>
  Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value()) {}
  // NOLINTEND(google-explicit-constructor)

  /// The value that a text means for a primitive; `*` is no value.
  /// @throws Error{Malformed} naming text and primitive.
  static Value parse(Primitive primitive, std::string_view text);

  bool has_value() const noexcept { return value_.index() != 0; }
  /// The primitive this value is of; nothing when there is no value.
  std::optional<Primitive> primitive() const noexcept;

  /// This value as one of a primitive: itself when it is of that primitive or no value, a natural
  /// as a real, a whole real as a natural, a text parsed.
  /// @throws Error{Malformed, Invalid} naming value and primitive.
  Value as(Primitive wanted) const;

  /// The value as a C++ type: std::string, uint64_t, double, bool, Time, Instant, Address, Ip4,
  /// Ip6 (hosts), Uri. @throws Error{Mismatch} when it is of another type, or there is none.
  template <typename T>
  T get() const;

  const Alternatives& alternatives() const noexcept { return value_; }
  friend bool operator==(const Value&, const Value&) noexcept = default;

 private:
  static std::uint64_t natural_of(std::int64_t integer);
  static double finite(double real);
  Alternatives value_;
};

/// The text form of protocol section 2: "True", "2.0", "2017-12-24 22:18:42.000000"; "*" for none.
std::string to_string(const Value& value);

/// Appends the same to `out`.
void append(std::string& out, const Value& value);

/// Order within a primitive: numbers by size, false before true, strings by byte, addresses of a
/// family by number, times by instant. Nothing where two values have no order: other primitives,
/// other families, networks, URLs, `now`, no value.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b) noexcept;

template <>
std::string Value::get<std::string>() const;
template <>
std::uint64_t Value::get<std::uint64_t>() const;
template <>
double Value::get<double>() const;
template <>
bool Value::get<bool>() const;
template <>
Time Value::get<Time>() const;
template <>
Instant Value::get<Instant>() const;
template <>
Address Value::get<Address>() const;
template <>
Ip4 Value::get<Ip4>() const;
template <>
Ip6 Value::get<Ip6>() const;
template <>
Uri Value::get<Uri>() const;

}  // namespace mplane
