#pragma once

#include <filesystem>
#include <string>

namespace mplane {

/// What a certificate says, a line each: identity, issuer, validity, names, serial number.
/// @throws Error{Configuration} naming the file.
std::string describe_certificate(const std::filesystem::path& file);

}  // namespace mplane
