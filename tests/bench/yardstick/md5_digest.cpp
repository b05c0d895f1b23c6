#include "md5_digest.hpp"

#include <stdexcept>

#include <openssl/evp.h>

namespace yardstick {

struct Md5::Algorithm {
  EVP_MD* md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  Algorithm() = default;
  Algorithm(const Algorithm&) = delete;
  Algorithm& operator=(const Algorithm&) = delete;
  ~Algorithm() { EVP_MD_free(md5); }
};

Md5::Md5() : algorithm_(std::make_unique<Algorithm>()) {
  if (algorithm_->md5 == nullptr) throw std::runtime_error("this OpenSSL has no MD5");
}
Md5::~Md5() = default;

std::array<unsigned char, 16> Md5::digest(const std::string_view bytes) const {
  std::array<unsigned char, 16> out{};
  EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, algorithm_->md5, nullptr);
  return out;
}

}  // namespace yardstick
