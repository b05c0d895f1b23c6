#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mplane::detail {

constexpr bool is_digit(const char c) noexcept { return c >= '0' && c <= '9'; }

/// Reads a text of a small grammar from left to right. Keeps views of text and `what`, which
/// outlive it. One thread at a time.
class Scanner {
 public:
  /// `what` the text is meant to be, with its article: "a time".
  Scanner(std::string_view what, std::string_view text) noexcept : what_(what), text_(text) {}

  bool at_end() const noexcept { return at_ == text_.size(); }
  std::size_t position() const noexcept { return at_; }
  std::string_view rest() const noexcept { return text_.substr(at_); }
  /// The character that many places ahead; NUL past the end.
  char peek(const std::size_t ahead = 0) const noexcept {
    return ahead < text_.size() - at_ ? text_[at_ + ahead] : '\0';
  }
  void advance(const std::size_t count) noexcept { at_ += count; }

  bool skip(const char expected) noexcept {
    if (at_end() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  bool skip(const std::string_view expected) noexcept {
    if (!rest().starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  /// Throws unless all of the text has been read.
  void expect_end() const {
    if (!at_end()) fail("the text should have ended");
  }

  /// Throws Error{Malformed}: text, what it is not, and the reason at the place of reading.
  [[noreturn]] void fail(std::string_view reason) const { fail_at(at_, reason); }
  [[noreturn]] void fail_at(std::size_t position, std::string_view reason) const;

 private:
  std::string_view what_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace mplane::detail
