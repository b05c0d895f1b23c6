#include "question_tokens.hpp"

#include "mplane/model/detail/random_bytes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace mplane::detail {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSecretBytes = 10;
constexpr std::size_t kTimeBytes = 6;  // of milliseconds, until the year 10889

std::string bytes_of(const Instant time) {
  const std::int64_t since_1970 =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970, 0));
  std::string bytes(kTimeBytes, '\0');
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, rest >>= 8U) {
    *byte = static_cast<char>(rest & 0xFFU);
  }
  return bytes;
}

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
    : key_(key.empty() ? random_bytes(kKeyBytes) : std::move(key)) {}

std::string QuestionTokens::of(const RunName& run, const Registration& offer,
                               const Value& item) const {
  if (run.text.empty()) return hexadecimal(bytes_of(run.start) + random_bytes(kSecretBytes));
  // Only the run's name, which ends it, may have line breaks: no two of these are the same.
  const std::string text = offer.component + "\n" + offer.capability.label() + "\n" +
                           offer.capability.statement_hash() + "\n" +
                           (item.has_value() ? to_string(item) : "") + "\n" + run.text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
  return hexadecimal(bytes_of(run.start) +
                     std::string(reinterpret_cast<const char*>(code.data()), kSecretBytes));
}

}  // namespace mplane::detail
