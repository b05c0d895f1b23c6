#include "question_tokens.hpp"

#include "mplane/model/detail/random_bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace mplane::detail {
namespace {

constexpr std::size_t kBytes = 16;

std::string hexadecimal(const std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 0xFU];
  }
  return text;
}

}  // namespace

QuestionTokens::QuestionTokens(std::string key)
    : key_(key.empty() ? random_bytes(2 * kBytes) : std::move(key)) {}

std::string QuestionTokens::of(const std::string_view run, const Registration& offer,
                               const Value& item) const {
  if (run.empty()) return hexadecimal(random_bytes(kBytes));
  // Only the run's name, which ends it, may have line breaks: no two of these are the same.
  const std::string text = offer.component + "\n" + offer.capability.label() + "\n" +
                           offer.capability.statement_hash() + "\n" +
                           (item.has_value() ? to_string(item) : "") + "\n" + std::string(run);
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
  return hexadecimal({reinterpret_cast<const char*>(code.data()), kBytes});
}

}  // namespace mplane::detail
