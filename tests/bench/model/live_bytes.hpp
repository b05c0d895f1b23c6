#pragma once

#include <cstddef>

namespace bench {

/// The bytes that operator new has given out and not got back. Linked into a program, it counts all
/// of them, rounded up as malloc rounds.
std::size_t live_bytes() noexcept;

}  // namespace bench
