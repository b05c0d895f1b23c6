//     address = host ["/" length]                      a network when it has a length
//     host    = ip4 | ip6
//     ip4     = octet 3("." octet)                     0 to 255, no leading zeros
//     ip6     = eight groups of one to four hexadecimal digits joined by ":"; "::" once for one or
//               more groups of zeros; an ip4 may stand for the last two groups; no zone

#include "mplane/model/address.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "scanner.hpp"

#include <algorithm>
#include <optional>

namespace mplane {
namespace {

using detail::is_digit;
using Bytes4 = std::array<std::uint8_t, 4>;
using Bytes16 = std::array<std::uint8_t, 16>;

// Reads decimal digits as a number of at most `most`; empty where there is none.
std::optional<unsigned> read_number(std::string_view& text, const unsigned most) noexcept {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) {
    value = value * 10 + static_cast<unsigned>(text[digits] - '0');
    ++digits;
    const bool leading_zero = digits > 1 && text[0] == '0';
    if (value > most || leading_zero) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

std::optional<Bytes4> find_ip4(std::string_view text) noexcept {
  Bytes4 bytes{};
  for (std::uint8_t& byte : bytes) {
    if (&byte != bytes.data()) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto number = read_number(text, 255);
    if (!number) return std::nullopt;
    byte = static_cast<std::uint8_t>(*number);
  }
  return text.empty() ? std::optional(bytes) : std::nullopt;
}

constexpr int hex_value(const char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The groups of an IPv6 address as they are read, and where its "::" stood among them.
class GroupReader {
 public:
  std::optional<Bytes16> read(std::string_view text) noexcept {
    if (text.starts_with("::")) {
      gap_ = 0;
      text.remove_prefix(2);
    }
    while (!text.empty()) {
      if (is_last_ip4(text)) return read_ip4(text) ? finish() : std::nullopt;
      if (!read_group(text) || !read_separator(text)) return std::nullopt;
    }
    return finish();
  }

 private:
  static bool is_last_ip4(const std::string_view text) noexcept {
    return text.find(':') == std::string_view::npos && text.find('.') != std::string_view::npos;
  }

  bool add(const std::uint8_t high, const std::uint8_t low) noexcept {
    if (size_ == bytes_.size()) return false;
    bytes_[size_++] = high;
    bytes_[size_++] = low;
    return true;
  }

  bool read_ip4(const std::string_view text) noexcept {
    const auto ip4 = find_ip4(text);
    return ip4 && add((*ip4)[0], (*ip4)[1]) && add((*ip4)[2], (*ip4)[3]);
  }

  bool read_group(std::string_view& text) noexcept {
    unsigned value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && hex_value(text[digits]) >= 0; ++digits) {
      if (digits == 4) return false;
      value = value * 16 + static_cast<unsigned>(hex_value(text[digits]));
    }
    text.remove_prefix(digits);
    return digits > 0 &&
           add(static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value & 0xFFU));
  }

  // After a group: nothing, or a colon that is not the last character, or the one "::".
  bool read_separator(std::string_view& text) noexcept {
    if (text.empty()) return true;
    if (text.starts_with("::")) {
      if (gap_) return false;
      gap_ = size_;
      text.remove_prefix(2);
      return true;
    }
    if (text[0] != ':' || text.size() == 1) return false;
    text.remove_prefix(1);
    return true;
  }

  // Moves what stood behind the gap to the end.
  std::optional<Bytes16> finish() noexcept {
    if (gap_.has_value() == (size_ == bytes_.size())) return std::nullopt;
    if (gap_) {
      const auto behind = bytes_.begin() + static_cast<std::ptrdiff_t>(*gap_);
      const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(size_);
      std::fill(behind, std::move_backward(behind, end, bytes_.end()), std::uint8_t{0});
    }
    return bytes_;
  }

  Bytes16 bytes_{};
  std::size_t size_ = 0;
  std::optional<std::size_t> gap_;
};

std::optional<Bytes16> find_ip6(const std::string_view text) noexcept {
  return GroupReader().read(text);
}

[[noreturn]] void refuse(const std::string_view text, const std::string_view what) {
  throw Error(ErrorKind::Malformed, {}, quoted(text) + " is not " + std::string(what));
}

void append_ip4(std::string& out, const std::uint8_t* const bytes) {
  std::array<char, 15> text{};
  char* at = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    const unsigned octet = bytes[i];
    if (octet >= 100) *at++ = static_cast<char>('0' + octet / 100);
    if (octet >= 10) *at++ = static_cast<char>('0' + octet / 10 % 10);
    *at++ = static_cast<char>('0' + octet % 10);
  }
  out.append(text.data(), at);
}

using Groups = std::array<unsigned, 8>;

void append_group(std::string& out, const unsigned group) {
  constexpr std::string_view kHex = "0123456789abcdef";
  bool started = false;
  for (unsigned shift = 12; shift > 0; shift -= 4) {
    const unsigned digit = (group >> shift) & 0xFU;
    started = started || digit != 0;
    if (started) out += kHex[digit];
  }
  out += kHex[group & 0xFU];
}

// The first of the longest runs of at least two zero groups: from, to; both 8 when there is none.
std::pair<std::size_t, std::size_t> longest_zeros(const Groups& groups) noexcept {
  std::size_t best = groups.size();
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = std::max(i, end);  // the group at end is not zero
  }
  return best == groups.size() ? std::pair(best, best) : std::pair(best, best + best_length);
}

void append_ip6(std::string& out, const Bytes16& bytes) {
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<unsigned>(bytes[2 * i]) << 8U | bytes[2 * i + 1];
  }
  const auto [zeros, zeros_end] = longest_zeros(groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == zeros) out += "::";
    if (i >= zeros && i < zeros_end) continue;
    if (i > 0 && i != zeros_end) out += ':';
    append_group(out, groups[i]);
  }
}

// Whether the two agree in their first `length` bits.
bool same_prefix(const Bytes16& a, const Bytes16& b, const unsigned length) noexcept {
  const unsigned whole = length / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = length % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Ip4 Ip4::parse(const std::string_view text) {
  const auto bytes = find_ip4(text);
  if (!bytes) refuse(text, "an IPv4 address");
  return Ip4(*bytes);
}

Ip6 Ip6::parse(const std::string_view text) {
  const auto bytes = find_ip6(text);
  if (!bytes) refuse(text, "an IPv6 address");
  return Ip6(*bytes);
}

std::string to_string(const Ip4& address) {
  std::string text;
  append_ip4(text, address.bytes().data());
  return text;
}

std::string to_string(const Ip6& address) {
  std::string text;
  append_ip6(text, address.bytes());
  return text;
}

Address::Address(const Ip4& host) noexcept {
  std::copy(host.bytes().begin(), host.bytes().end(), bytes_.begin());
}

Address::Address(const Ip6& host) noexcept : bytes_(host.bytes()), family_(6), length_(128) {}

Address Address::as_network(Address host, const unsigned length) {
  const std::string text = to_string(host) + "/" + std::to_string(length);
  if (length > host.length_) {
    throw Error(ErrorKind::Invalid, {},
                quoted(text) + " is not a network: the length is over " +
                    std::to_string(unsigned{host.length_}));
  }
  for (std::size_t bit = length; bit < host.length_; ++bit) {
    if ((host.bytes_[bit / 8] >> (7 - bit % 8) & 1U) == 0) continue;
    throw Error(ErrorKind::Invalid, {},
                quoted(text) + " is not a network: bits behind the length are set");
  }
  host.length_ = static_cast<std::uint8_t>(length);
  host.network_ = true;
  return host;
}

Address Address::network(const Ip4& base, const unsigned length) {
  return as_network(base, length);
}

Address Address::network(const Ip6& base, const unsigned length) {
  return as_network(base, length);
}

Address Address::parse(const std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host_text = text.substr(0, slash);
  std::optional<Address> host;
  if (const auto ip4 = find_ip4(host_text)) {
    host = Ip4(*ip4);
  } else if (const auto ip6 = find_ip6(host_text)) {
    host = Ip6(*ip6);
  } else {
    refuse(text, "an address");
  }
  if (slash == std::string_view::npos) return *host;
  std::string_view length_text = text.substr(slash + 1);
  const auto length = read_number(length_text, 128);
  if (!length || !length_text.empty()) refuse(text, "an address: the length is not a number");
  try {
    return as_network(*host, *length);
  } catch (const Error& error) {
    throw Error(ErrorKind::Malformed, {}, error.message());
  }
}

Ip4 Address::ip4() const noexcept { return Ip4({bytes_[0], bytes_[1], bytes_[2], bytes_[3]}); }

bool Address::contains(const Address& other) const noexcept {
  return family_ == other.family_ && length_ <= other.length_ &&
         same_prefix(bytes_, other.bytes_, length_);
}

std::strong_ordering operator<=>(const Address& a, const Address& b) noexcept {
  if (const auto order = a.family_ <=> b.family_; order != 0) return order;
  if (const auto order = a.bytes_ <=> b.bytes_; order != 0) return order;
  if (const auto order = a.network_ <=> b.network_; order != 0) return order;
  return a.length_ <=> b.length_;
}

std::string to_string(const Address& address) {
  std::string text;
  append(text, address);
  return text;
}

void append(std::string& out, const Address& address) {
  if (address.is_ip4()) {
    append_ip4(out, address.ip4().bytes().data());
  } else {
    append_ip6(out, address.ip6().bytes());
  }
  if (!address.is_network()) return;
  out += '/';
  out += std::to_string(address.prefix_length());
}

}  // namespace mplane
