#pragma once

// The digest API of OpenSSL 3 fetches its algorithm from a provider: at each call, or once into a
// global, which we don't have. The older functions hash at once, and go on working where the
// system's policy withholds MD5 as a means of security, which it is not here.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <openssl/md5.h>

namespace mplane::detail {

/// The MD5 of a text that comes in pieces. A fingerprint that peers agree on; it secures nothing
/// (protocol, section 6). One thread at a time.
class Md5 {
 public:
  Md5() noexcept;

  void add(const std::string_view piece) noexcept {
    if (piece.size() > buffer_.size() - used_) {
      flush();
      if (piece.size() > buffer_.size()) return hash(piece);
    }
    std::memcpy(buffer_.data() + used_, piece.data(), piece.size());
    used_ += piece.size();
  }

  /// The digest of all pieces, in 32 lower case hexadecimal digits. Ends its use.
  std::string hex() noexcept;

 private:
  void flush() noexcept;
  void hash(std::string_view bytes) noexcept;

  MD5_CTX context_;
  std::size_t used_ = 0;
  std::array<char, 1024> buffer_;  // small pieces are cheaper to copy than to hash one by one
};

}  // namespace mplane::detail
