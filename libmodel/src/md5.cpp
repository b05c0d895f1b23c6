// The digest API of OpenSSL 3 fetches its algorithm from a provider: at each call, or once into a
// global, which we don't have. The older functions hash at once, and go on working where the
// system's policy withholds MD5 as a means of security, which it is not here.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "md5.hpp"

#include <array>
#include <cstddef>

#include <openssl/md5.h>

namespace mplane::detail {

std::string md5_hex(const std::string_view bytes) {
  MD5_CTX context;
  MD5_Init(&context);
  MD5_Update(&context, bytes.data(), bytes.size());
  std::array<unsigned char, MD5_DIGEST_LENGTH> digest{};
  MD5_Final(digest.data(), &context);

  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += kHex[byte >> 4U];
    hex += kHex[byte & 0xFU];
  }
  return hex;
}

}  // namespace mplane::detail
