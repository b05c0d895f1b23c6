#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mplane::detail {

/// The natural that a text means: `7`, `100.0`, `10E2`. @throws Error{Malformed} with the reason.
std::uint64_t parse_natural(std::string_view text);

/// The double nearest to the number a text means. @throws Error{Malformed} with the reason.
double parse_real(std::string_view text);

void append_natural(std::string& out, std::uint64_t natural);

/// The shortest text that reads back to the same double, as Python's repr writes it: `2.0`,
/// `1e+16`, `1e-05`. Only of a finite number.
void append_real(std::string& out, double real);

}  // namespace mplane::detail
