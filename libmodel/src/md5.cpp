#include "md5.hpp"

namespace mplane::detail {
namespace {

using HexDigits = std::array<char, 2>;

constexpr std::array<HexDigits, 256> make_hex_digits() noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<HexDigits, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return table;
}

constexpr std::array<HexDigits, 256> kHexDigits = make_hex_digits();

}  // namespace

// The buffer is not initialized: only what was put into it is read.
Md5::Md5() noexcept { MD5_Init(&context_); }  // NOLINT(cppcoreguidelines-pro-type-member-init)

void Md5::flush() noexcept {
  hash({buffer_.data(), used_});
  used_ = 0;
}

void Md5::hash(const std::string_view bytes) noexcept {
  MD5_Update(&context_, bytes.data(), bytes.size());
}

std::string Md5::hex() noexcept {
  flush();
  std::array<unsigned char, MD5_DIGEST_LENGTH> digest{};
  MD5_Final(digest.data(), &context_);

  std::array<HexDigits, MD5_DIGEST_LENGTH> hex{};
  for (std::size_t i = 0; i < digest.size(); ++i) hex[i] = kHexDigits[digest[i]];
  return {hex.front().data(), sizeof(hex)};
}

}  // namespace mplane::detail
