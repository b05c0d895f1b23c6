// Bytes from the network as an answer to a SYN: first byte the family, the rest a segment, a packet
// of IPv4 or an ICMP error. Whatever is read has to lie inside what was given, and to be there.
#include "mplane/probe/tcp_segment.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace mplane;

bool ends(Bytes part, Bytes whole) {
  return part.empty() || part.data() + part.size() == whole.data() + whole.size();
}

void read_segment(Bytes bytes) {
  const auto answer = decode_syn_answer(bytes);
  if (!answer) return;
  require(bytes.size() >= kTcpHeader);
  require((bytes[13] & 0x10U) != 0 && (bytes[13] & 0x06U) != 0);
  require(answer->source_port == bytes[0] * 256U + bytes[1]);
  require(answer->destination_port == bytes[2] * 256U + bytes[3]);
  require(((answer->sequence + 1) & 0xffU) == bytes[11]);
}

// What is quoted of a SYN of ours is read as what was sent.
void read_back(IpFamily family, const SegmentFailure& failure) {
  const Address from = family == IpFamily::Ip4 ? Address(Ip4()) : Address(Ip6());
  const auto sent = encode_syn({from, failure.source_port},
                               {failure.destination, failure.destination_port}, failure.sequence);
  require(!decode_syn_answer(sent));  // nor is it an answer
  require(sent[0] * 256U + sent[1] == failure.source_port);
  require(sent[7] == (failure.sequence & 0xffU));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const IpFamily family = data[0] % 2 == 0 ? IpFamily::Ip4 : IpFamily::Ip6;
  read_segment(bytes);
  const Bytes inside = tcp_in_ip4(bytes);
  require(ends(inside, bytes));
  read_segment(inside);
  if (const auto failure = decode_segment_failure(family, bytes)) {
    require(family_of(failure->destination) == family);
    require(ends(failure->extensions, bytes));
    read_back(family, *failure);
  }
  return 0;
}
