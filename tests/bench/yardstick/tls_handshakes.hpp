#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yardstick {

/// Connects to these ports of 127.0.0.1 one after another, finishes a mutual TLS handshake with
/// each and hangs up. @return the seconds it took. @throws std::runtime_error when one fails.
double tls_handshakes(const std::vector<std::uint16_t>& ports, const std::string& ca,
                      const std::string& cert, const std::string& key);

}  // namespace yardstick
