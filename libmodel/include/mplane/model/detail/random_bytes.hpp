#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace mplane::detail {

/// Fills it with bytes that nobody can guess, from the kernel: std::random_device may ask the
/// processor, which takes a hundred times as long. @throws Error{Unavailable} if there are none.
void fill_with_random(std::span<std::byte> bytes);

/// So many bytes that nobody can guess. @throws Error{Unavailable}.
std::string random_bytes(std::size_t count);

/// A number that nobody can guess, all equally likely. @throws Error{Unavailable}.
template <typename Number>
Number random_number() {
  static_assert(std::is_unsigned_v<Number>);
  Number number = 0;
  fill_with_random(std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

}  // namespace mplane::detail
