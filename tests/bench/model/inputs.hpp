#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// Specifications of about 500 bytes, as clients send them: `count` texts, no two alike.
std::vector<std::string> specification_texts(std::size_t count);

/// Results of a route trace, as components send them: rows of a time, an address, a hop count and a
/// delay. `count` texts, no two alike.
std::vector<std::string> result_texts(std::size_t count, std::size_t rows);

/// The bytes of the values in one row of those results: a time, an IPv4 address, two naturals.
inline constexpr std::size_t kRowBytes = 8 + 5 + 8 + 8;

}  // namespace bench
