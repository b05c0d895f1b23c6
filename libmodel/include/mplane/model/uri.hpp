#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {

/// A value of primitive `url`: its text is kept as it was given. Immutable.
class Uri {
 public:
  /// `scheme ":" rest` by RFC 3986's characters, with a host where the scheme is followed by `//`.
  /// @throws Error{Malformed} naming the text.
  static Uri parse(std::string_view text);
  const std::string& text() const noexcept { return text_; }
  /// What stands before the first colon, in lower case.
  std::string scheme() const;
  friend auto operator<=>(const Uri&, const Uri&) noexcept = default;

 private:
  explicit Uri(std::string text) noexcept : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace mplane
