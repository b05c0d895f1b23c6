#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace mplane::detail {

/// So many bytes that nobody can guess, from the system.
inline std::string random_bytes(const std::size_t count) {
  std::random_device random;
  std::string bytes;
  while (bytes.size() < count) bytes += static_cast<char>(random() & 0xFFU);
  return bytes;
}

}  // namespace mplane::detail
