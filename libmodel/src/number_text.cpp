// Numbers as text (protocol, section 11), by hand: strtod reads white space, hexadecimal, nan and
// the locale's decimal comma.
//
//     number   = ["+" | "-"] mantissa [("e" | "E") ["+" | "-"] 1*digit]
//     mantissa = 1*digit ["." *digit] | "." 1*digit

#include "number_text.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "scanner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>

namespace mplane::detail {
namespace {

[[noreturn]] void refuse(const std::string_view text, const std::string_view reason) {
  throw Error(ErrorKind::Malformed, {}, quoted(text) + " is not a " + std::string(reason));
}

// A decimal number taken apart: the digits of its mantissa, with or without a point, stand for an
// integer that is multiplied by ten to the exponent.
struct Decimal {
  bool negative = false;
  std::string_view mantissa;
  std::int64_t exponent = 0;
};

std::size_t count_digits(const std::string_view text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

bool skip_sign(std::string_view& text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

// All of `text` as an exponent; what is out of any use stays at the limit.
bool read_exponent(std::string_view text, std::int64_t& exponent) noexcept {
  constexpr std::int64_t kLimit = 1'000'000'000'000'000;
  const bool negative = skip_sign(text);
  if (text.empty() || count_digits(text) != text.size()) return false;
  std::int64_t value = 0;
  for (const char c : text) value = std::min(kLimit, value * 10 + (c - '0'));
  exponent = negative ? -value : value;
  return true;
}

// Takes a number apart; false when it is none.
bool take_apart(std::string_view text, Decimal& decimal) noexcept {
  decimal.negative = skip_sign(text);
  const std::size_t whole = count_digits(text);
  std::size_t length = whole;
  std::size_t fraction = 0;
  if (text.substr(whole).starts_with('.')) {
    fraction = count_digits(text.substr(whole + 1));
    length += 1 + fraction;
  }
  if (whole + fraction == 0) return false;
  decimal.mantissa = text.substr(0, length);
  text.remove_prefix(length);
  if (!text.empty()) {
    if (text[0] != 'e' && text[0] != 'E') return false;
    if (!read_exponent(text.substr(1), decimal.exponent)) return false;
  }
  decimal.exponent -= static_cast<std::int64_t>(fraction);
  return true;
}

// Drops zeros that do not count at either end, and adds those behind to the exponent.
void drop_zeros(Decimal& decimal) noexcept {
  std::string_view& digits = decimal.mantissa;
  while (!digits.empty() && (digits.front() == '0' || digits.front() == '.')) {
    digits.remove_prefix(1);
  }
  while (!digits.empty() && (digits.back() == '0' || digits.back() == '.')) {
    if (digits.back() == '0') ++decimal.exponent;
    digits.remove_suffix(1);
  }
}

constexpr std::string_view kTooLarge = "natural: it is over 18446744073709551615";

std::uint64_t times_ten_plus(const std::string_view text, const std::uint64_t value,
                             const char digit) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto added = static_cast<std::uint64_t>(digit - '0');
  if (value > (kMost - added) / 10) refuse(text, kTooLarge);
  return value * 10 + added;
}

std::uint64_t natural_of(const std::string_view text) {
  Decimal decimal;
  if (!take_apart(text, decimal)) refuse(text, "natural");
  drop_zeros(decimal);
  if (decimal.mantissa.empty()) return 0;
  if (decimal.negative) refuse(text, "natural: it is negative");
  if (decimal.exponent < 0) refuse(text, "natural: it is not whole");
  std::uint64_t value = 0;
  for (const char c : decimal.mantissa) {
    if (c != '.') value = times_ten_plus(text, value, c);
  }
  for (; decimal.exponent > 0; --decimal.exponent) value = times_ten_plus(text, value, '0');
  return value;
}

// The digits of a shortest scientific form, "d.ddde±xx", and the power of ten of the first.
struct Shortest {
  std::array<char, 17> digits{};
  int count = 0;
  int exponent = 0;
};

Shortest shortest_of(const double magnitude) noexcept {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), magnitude,
                                 std::chars_format::scientific)
                       .ptr;
  Shortest shortest;
  const char* at = text.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') shortest.digits[static_cast<std::size_t>(shortest.count++)] = *at;
  }
  ++at;
  if (*at == '+') ++at;
  std::from_chars(at, end, shortest.exponent);
  return shortest;
}

// "0.00ddd", "dd.dd" or "ddd00.0".
void append_fixed(std::string& out, const Shortest& shortest) {
  const auto count = static_cast<std::size_t>(shortest.count);
  const std::string_view digits(shortest.digits.data(), count);
  if (shortest.exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-shortest.exponent - 1), '0');
    out += digits;
    return;
  }
  const std::size_t whole = static_cast<std::size_t>(shortest.exponent) + 1;
  out += digits.substr(0, whole);
  if (whole >= count) {
    out.append(whole - count, '0');
    out += ".0";
  } else {
    out += '.';
    out += digits.substr(whole);
  }
}

void append_scientific(std::string& out, const Shortest& shortest) {
  out += shortest.digits[0];
  if (shortest.count > 1) {
    out += '.';
    out.append(&shortest.digits[1], static_cast<std::size_t>(shortest.count) - 1);
  }
  out += shortest.exponent < 0 ? "e-" : "e+";
  const int exponent = std::abs(shortest.exponent);
  if (exponent < 10) out += '0';
  out += std::to_string(exponent);
}

}  // namespace

std::uint64_t parse_natural(const std::string_view text) {
  constexpr std::size_t kAlwaysFits = 19;
  const bool is_plain =
      !text.empty() && text.size() <= kAlwaysFits && count_digits(text) == text.size();
  if (!is_plain) return natural_of(text);
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

double parse_real(const std::string_view text) {
  Decimal decimal;
  if (!take_apart(text, decimal)) refuse(text, "real number");
  const std::string_view unsigned_text =
      text.starts_with('+') ? text.substr(1) : text;  // from_chars takes no plus
  double value = 0;
  const char* const end = unsigned_text.data() + unsigned_text.size();
  const auto [stop, error] = std::from_chars(unsigned_text.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  if (error != std::errc::result_out_of_range) refuse(text, "real number");
  // Too large, or so small that the nearest double is zero: where the first digit that counts
  // stands tells which.
  drop_zeros(decimal);
  const std::size_t point = decimal.mantissa.find('.') == std::string_view::npos ? 0 : 1;
  const auto digits = static_cast<std::int64_t>(decimal.mantissa.size() - point);
  if (decimal.exponent + digits > 0) refuse(text, "real number: it is too large");
  return decimal.negative ? -0.0 : 0.0;
}

void append_natural(std::string& out, const std::uint64_t natural) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), natural).ptr;
  out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

void append_real(std::string& out, const double real) {
  if (std::signbit(real)) out += '-';
  const Shortest shortest = shortest_of(std::abs(real));
  if (shortest.exponent < -4 || shortest.exponent >= 16) {
    append_scientific(out, shortest);
  } else {
    append_fixed(out, shortest);
  }
}

}  // namespace mplane::detail
