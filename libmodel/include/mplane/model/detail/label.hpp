#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace mplane::detail {

inline constexpr std::size_t kLongestLabel = 128;  ///< bytes

/// Whether a label may have this letter.
constexpr bool is_label_letter(const char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '@' || c == '-';
}

/// Whether a text can be the label or the token of a capability that is offered: those end up in
/// configuration files, paths and logs.
constexpr bool is_label(const std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestLabel &&
         std::all_of(text.begin(), text.end(), is_label_letter);
}

/// What else a text is not, for messages: it "is not …".
inline constexpr std::string_view kLabelGrammar = "1 to 128 letters, digits and any of . _ @ -";

}  // namespace mplane::detail
