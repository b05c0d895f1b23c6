#include "books_text.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace mplane::detail {
namespace {

constexpr std::string_view kRunning = "running";
constexpr std::string_view kWaiting = "waiting";

void append(std::string& text, const std::string_view name, const std::uint64_t count) {
  if (count == 0) return;
  if (!text.empty()) text += ' ';
  text.append(name).append("=").append(std::to_string(count));
}

[[noreturn]] void refuse(const std::string_view item) {
  throw Error(ErrorKind::Malformed, "books", "'" + std::string(item) + "' is no account");
}

std::optional<Reason> find_reason(const std::string_view name) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (traits(static_cast<Reason>(i)).name == name) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

std::uint64_t parse_count(const std::string_view item, const std::string_view digits) {
  std::uint64_t count = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, count);
  if (failure != std::errc() || stop != end) refuse(item);
  return count;
}

/// Goes the way that so many starts went.
void enter(Books& books, const std::string_view item) {
  const std::size_t sign = item.find('=');
  if (sign == std::string_view::npos) refuse(item);
  const std::string_view name = item.substr(0, sign);
  const std::uint64_t count = parse_count(item, item.substr(sign + 1));
  const auto reason = find_reason(name);
  if (!reason && name != kRunning && name != kWaiting) refuse(item);
  books.wait(count);
  if (name == kRunning || (reason && is_of_run(traits(*reason).ending))) books.start(count);
  if (reason) books.end(*reason, count);
}

}  // namespace

std::string to_text(const Books& books) {
  std::string text;
  append(text, kRunning, books.running);
  append(text, kWaiting, books.waiting);
  for (std::size_t i = 0; i < kReasons; ++i) {
    append(text, traits(static_cast<Reason>(i)).name, books.reasons[i]);
  }
  return text;
}

Books parse_books(std::string_view text) {
  Books books;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    enter(books, text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return books;
}

}  // namespace mplane::detail
