#include "relay_label.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongest = 128;

bool is_label_letter(const char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '@' || c == '-';
}

/// The pattern with what stands for its two words.
std::string filled(const std::string_view pattern, const std::string_view label,
                   const std::string_view component) {
  constexpr std::string_view kLabel = "{label}";
  constexpr std::string_view kComponent = "{component}";
  std::string text;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::string_view rest = pattern.substr(at);
    if (rest.starts_with(kLabel)) {
      text += label;
      at += kLabel.size();
    } else if (rest.starts_with(kComponent)) {
      text += component;
      at += kComponent.size();
    } else {
      text += rest.front();
      ++at;
    }
  }
  return text;
}

}  // namespace

std::string fingerprint(const std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(hash >> shift) & 0xFU];
  return digits;
}

std::string relay_label(const std::string_view pattern, const std::string_view label,
                        const std::string_view component) {
  const std::string wanted = filled(pattern, label, component);
  std::string letters = wanted;
  std::replace_if(
      letters.begin(), letters.end(), [](const char c) { return !is_label_letter(c); }, '_');
  const bool names_both = pattern.find("{component}") != std::string_view::npos;
  if (letters == wanted && letters.size() <= kLongest && names_both) return letters;
  const std::string mark = "-" + fingerprint(component);
  letters.resize(std::min(letters.size(), kLongest - mark.size()));
  return letters + mark;
}

}  // namespace mplane::detail
