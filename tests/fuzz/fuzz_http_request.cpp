// Bytes as a stream of HTTP requests, given in pieces: the first byte says how long they are. What
// is read must not depend on where the stream was cut, and has to stay within the limits.
#include "mplane/model/error.hpp"
#include "request_parser.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mplane;

constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kBodyBytes = 256;
constexpr std::size_t kEndless = 1 << 20;

/// The requests at the beginning of the stream, in one line each, up to the first that is refused.
std::vector<std::string> read_all(std::string_view stream, std::size_t piece) {
  std::vector<std::string> requests;
  std::string pending;
  std::optional<detail::RequestParser> parser;
  while (!stream.empty()) {
    pending += stream.substr(0, piece);
    stream.remove_prefix(std::min(piece, stream.size()));
    for (bool more = true; more && !pending.empty();) {
      if (!parser) parser.emplace(kHeaderBytes, kBodyBytes);
      try {
        const std::size_t used = parser->put(pending);
        require(used <= pending.size());
        pending.erase(0, used);
        more = parser->done();
        if (!more) continue;
        const HttpRequest request = parser->take();
        require(request.body.size() <= kBodyBytes);
        require(!request.path.empty() && request.path.front() == '/');
        requests.push_back(request.method + " " + request.path + "?" + request.query + " " +
                           request.content_type + " " + request.body);
      } catch (const Error& error) {
        require(error.kind() == ErrorKind::Malformed || error.kind() == ErrorKind::TooLarge);
        return requests;
      }
      parser.reset();
    }
    require(pending.size() <= kHeaderBytes + piece);
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read_all(stream, kEndless);
  const auto pieces = read_all(stream, std::size_t{data[0]} + 1);
  // Limits are looked at between pieces, so that a stream at the limit may end early in either.
  const std::size_t common = std::min(whole.size(), pieces.size());
  require(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(common),
                     pieces.begin()));
  return 0;
}
