#pragma once

#include <string>
#include <string_view>

namespace mplane::detail {

/// The MD5 of a text, in 32 lower case hexadecimal digits. A fingerprint that peers agree on; it
/// secures nothing (protocol, section 6).
std::string md5_hex(std::string_view text) noexcept;

}  // namespace mplane::detail
