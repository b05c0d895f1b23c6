// Bytes from a name server as the answer to a question: whatever is read has to be an answer to it,
// and to fit a message.
#include "mplane/probes/dns/message.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace mplane;

constexpr std::uint16_t kId = 0x1234;

void read_answer(const DnsQuestion& question, std::vector<std::uint8_t> bytes) {
  if (bytes.size() >= 2) {  // it would take the fuzzer long to find it
    bytes[0] = kId >> 8U;
    bytes[1] = kId & 0xffU;
  }
  const auto answer = decode_answer(question, kId, bytes);
  if (!answer) return;
  require(!answer->rcode.empty() && answer->flags.starts_with("qr"));
  require(answer->records.size() == answer->answers);
  require(answer->least_ttl.has_value() == (answer->answers > 0));
  require(!answer->server_name || answer->server_name->size() <= 256);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> bytes(data, data + size);
  read_answer({.name = "www.example.org"}, bytes);
  read_answer({.name = "example.org", .type = "TXT"}, bytes);
  return 0;
}
