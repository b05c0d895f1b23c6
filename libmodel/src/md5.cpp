// The digest API of OpenSSL 3 fetches its algorithm from a provider: at each call, or once into a
// global, which we don't have. The older functions hash at once, and go on working where the
// system's policy withholds MD5 as a means of security, which it is not here.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "mplane/model/detail/md5.hpp"

#include <array>
#include <cstddef>

#include <openssl/md5.h>

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

std::string md5_hex(const std::string_view text) noexcept {
  MD5_CTX context{};
  MD5_Init(&context);
  MD5_Update(&context, text.data(), text.size());
  std::array<unsigned char, MD5_DIGEST_LENGTH> digest{};
  MD5_Final(digest.data(), &context);

  std::array<HexDigits, MD5_DIGEST_LENGTH> hex{};
  for (std::size_t i = 0; i < digest.size(); ++i) hex[i] = kHexDigits[digest[i]];
  return {hex.front().data(), sizeof(hex)};
}

}  // namespace mplane::detail
