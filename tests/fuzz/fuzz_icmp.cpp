// Bytes from the network as ICMP: first byte the family, the rest a message (or, with IPv4, also a
// whole packet). Whatever is read has to lie inside what was given.
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace {

using namespace mplane;

bool inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// A tag that is believed is the one that we would write ourselves. (libFuzzer watches comparisons,
// so that it finds right cookies.)
void read_tag(const Echo& echo, const Address& target) {
  static constexpr CookieKey::Secret kSecret{};
  const CookieKey key(kSecret);
  const auto tag = read_echo_tag(key, target, echo.payload);
  if (!tag) return;
  std::array<std::uint8_t, kEchoTagSize> written{};
  write_echo_tag(key, target, *tag, written);
  require(std::equal(written.begin(), written.end(), echo.payload.begin()));
}

void read_message(IpFamily family, Bytes bytes) {
  const IcmpMessage message = decode_icmp(family, bytes);
  require(!message.reply || !message.failure);
  if (message.reply) {
    require(inside(message.reply->payload, bytes));
    read_tag(*message.reply, Ip4());
  }
  if (message.failure) {
    require(inside(message.failure->request.payload, bytes));
    require(inside(message.failure->extensions, bytes));
    require(family_of(message.failure->destination) == family);
    read_tag(message.failure->request, message.failure->destination);
  }
  if (const auto quoted = decode_quoted_echo(family, bytes)) {
    require(inside(quoted->payload, bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const IpFamily family = data[0] % 2 == 0 ? IpFamily::Ip4 : IpFamily::Ip6;
  read_message(family, bytes);
  if (const auto packet = decode_ip4_icmp(bytes)) {
    require(inside(packet->content, bytes));
    read_message(IpFamily::Ip4, packet->content);
  }
  return 0;
}
