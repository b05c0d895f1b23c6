#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace yardstick {

/// A bare Beast server under mutual TLS: one thread, an Asio stream a connection, and each request
/// is answered with its own body. What a server costs that does nothing.
class BeastEcho {
 public:
  /// Files in PEM. Listens at a free port of 127.0.0.1, and serves until it goes.
  BeastEcho(const std::string& ca, const std::string& cert, const std::string& key);
  ~BeastEcho();
  BeastEcho(const BeastEcho&) = delete;
  BeastEcho& operator=(const BeastEcho&) = delete;

  std::uint16_t port() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yardstick
