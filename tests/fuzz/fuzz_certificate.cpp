// Bytes as a server's certificate in DER: what is read of it is printable and of bounded length.
#include "certificate.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

void check(const std::string& text) {
  require(text.size() <= 4'096);
  require(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto facts = mplane::detail::read_certificate(mplane::Bytes(data, size));
  if (!facts) return 0;
  check(facts->subject);
  check(facts->issuer);
  check(facts->names);
  return 0;
}
