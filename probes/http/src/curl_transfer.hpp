#pragma once

#include "http_url.hpp"
#include "mplane/model/address.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/unique_function.hpp"
#include "mplane/probes/common/trust.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mplane::detail {

/// One request. A value.
struct HttpFetch {
  HttpUrl url;
  Address address;  ///< the only one that is connected to
  bool http2 = false;
  std::uint64_t most_bytes = 0;  ///< of the body; then it is cut
  std::chrono::milliseconds wait{0};
  std::shared_ptr<const Trust> trust = {};
};

/// When what parts the phases of a transfer happened, counted from its start; nothing for what did
/// not. Of TLS by the words on the wire: what both of us compute before and behind them is no part
/// of a handshake.
struct HttpPhases {
  std::optional<std::chrono::microseconds> connected = {};
  std::optional<std::chrono::microseconds> hello = {};    ///< our first word of TLS was made
  std::optional<std::chrono::microseconds> secured = {};  ///< the server's last word was there
  std::optional<std::chrono::microseconds> first_byte = {};
  std::optional<std::chrono::microseconds> all = {};
};

/// What one request came to. A value.
struct HttpAnswer {
  long status = 0;          ///< 0 without an answer
  std::string version;      ///< "1.1", "2"
  std::uint64_t bytes = 0;  ///< of the body, as they came
  bool cut = false;         ///< there was more than what is allowed
  HttpPhases phases;
  std::string redirect = {};  ///< where the answer leads; empty if nowhere
  std::string problem = {};   ///< why there is no answer, in words
};

/// One request under way on the engine's loop, by libcurl. Made, used and destroyed on the loop;
/// destroyed before its end, it never calls.
class CurlTransfer {
 public:
  /// Called once, never within the constructor; may destroy the transfer.
  using Done = UniqueFunction<void(HttpAnswer)>;

  /// @throws Error{Unavailable} when libcurl cannot.
  CurlTransfer(Engine& engine, const HttpFetch& fetch, Done done);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane::detail
