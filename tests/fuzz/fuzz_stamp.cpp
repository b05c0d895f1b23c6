// Bytes from the network as STAMP packets of both modes: what is read, is what we would write
// ourselves, and its times and errors can be reckoned with.
#include "mplane/probes/stamp/packet.hpp"
#include "require.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace {

using namespace mplane;

using Octets = std::vector<std::uint8_t>;

void reckon(StampTime time, const ErrorEstimate& error) {
  const WallTime near{std::chrono::seconds(1'800'000'000)};
  const auto away = wall_time(time, error.ptp, near) - near;
  require(std::chrono::abs(away) < std::chrono::hours(24 * 366 * 69));
  require(ErrorEstimate::decode(error.encode()) == error);
  require(error.bound().count() > 0);
}

void read(const StampWire& wire, const Octets& packet) {
  Octets written(wire.size());
  if (const auto request = wire.decode_request(packet)) {
    reckon(request->sent, request->error);
    wire.encode(*request, written);
    require(wire.decode_request(written) == request);
  }
  if (const auto reply = wire.decode_reply(packet)) {
    reckon(reply->sent, reply->error);
    reckon(reply->received, reply->error);
    wire.encode(*reply, written);
    require(wire.decode_reply(written) == reply);
  }
  const auto sequence = StampWire::sequence_in(packet);
  require(sequence.has_value() == (packet.size() >= 4));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Octets packet(data, data + size);
  read(StampWire(), packet);
  const StampWire authenticated(Octets(16, 0x61));
  read(authenticated, packet);
  if (packet.size() >= StampWire::kLongest) {  // it would take the fuzzer long to find the code
    Octets authentic(packet.begin(), packet.begin() + StampWire::kLongest);
    const StampRequest request{.sequence = packet[0],
                               .sent = {packet[16], packet[17]},
                               .error = ErrorEstimate::decode(
                                   static_cast<std::uint16_t>((packet[24] << 8U) | packet[25]))};
    authenticated.encode(request, authentic);
    require(authenticated.decode_request(authentic).has_value() == (packet[25] != 0));
    read(authenticated, authentic);
  }
  return 0;
}
