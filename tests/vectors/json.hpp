#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A JSON value as the vectors need it: read from a text, built by hand, compared. A value.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  // NOLINTBEGIN(google-explicit-constructor): answers are written as literals
  Json() noexcept = default;  ///< null
  Json(std::nullptr_t) noexcept {}
  Json(std::string text) noexcept : value_(std::move(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(double number) noexcept : value_(number) {}
  Json(std::same_as<bool> auto boolean) noexcept : value_(boolean) {}
  Json(std::integral auto number) noexcept requires(!std::same_as<decltype(number), bool>)
      : value_(make(number)) {}
  Json(Array array) noexcept : value_(std::move(array)) {}
  Json(Object object) noexcept : value_(std::move(object)) {}
  // NOLINTEND(google-explicit-constructor)

  /// Reads a text. A surrogate without its other half becomes three bytes that are no UTF-8.
  /// @throws std::runtime_error with the place.
  static Json parse(std::string_view text);

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(value_); }
  bool is_text() const noexcept { return std::holds_alternative<std::string>(value_); }
  bool is_number() const noexcept;
  bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }

  // @throws std::runtime_error when it is of another type.
  const std::string& text() const;
  double number() const;
  bool boolean() const;
  const Array& array() const;
  Array& array();
  const Object& object() const;
  Object& object();

  /// A member of an object; null when it is none, or there is none of that name.
  const Json* find(std::string_view name) const noexcept;
  Json* find(std::string_view name) noexcept;
  /// A member of an object. @throws std::runtime_error naming it.
  const Json& at(std::string_view name) const;

  const auto& alternatives() const noexcept { return value_; }

 private:
  static double make(double number) noexcept { return number; }
  template <std::signed_integral N>
  static std::int64_t make(N number) noexcept {
    return number;
  }
  template <std::unsigned_integral N>
  static std::uint64_t make(N number) noexcept {
    return number;
  }

  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value_;
};

/// Compact JSON, keys in order.
std::string to_string(const Json& json);
