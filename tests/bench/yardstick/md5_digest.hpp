#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace yardstick {

/// MD5 by OpenSSL's digest API, fetched once; each digest is one shot.
class Md5 {
 public:
  /// @throws std::runtime_error when OpenSSL has none.
  Md5();
  ~Md5();
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;

  std::array<unsigned char, 16> digest(std::string_view bytes) const;

 private:
  struct Algorithm;
  std::unique_ptr<Algorithm> algorithm_;
};

}  // namespace yardstick
