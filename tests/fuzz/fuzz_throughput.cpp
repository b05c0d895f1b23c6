// Bytes as what a sender or a receiver of load says: what is taken means the same when it is
// written again, and no report makes a figure that cannot be.
#include "mplane/probes/common/one_row.hpp"
#include "mplane/probes/throughput/datagram_count.hpp"
#include "mplane/probes/throughput/wire.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mplane;
  const Bytes bytes(data, size);
  if (const auto request = decode_load_request(bytes)) {
    require(decode_load_request(encode(*request)) == request);
  }
  if (const auto grant = decode_load_grant(bytes)) {
    require(decode_load_grant(encode(*grant)) == grant);
  }
  if (const auto report = decode_load_report(bytes)) {
    require(decode_load_report(encode(*report)) == report);
    require(goodput(*report).value_or(1) <= 1'000'000'000'000'000'000);
    require(whole_us(report->time) <= std::uint64_t{48} * 3'600 * 1'000'000);
  }
  DatagramCount count;
  std::uint64_t taken = 0;
  for (std::size_t at = 0; at + LoadTag::kSize <= size; at += LoadTag::kSize, ++taken) {
    const auto tag = decode_load_tag(bytes.subspan(at, LoadTag::kSize));
    require(tag && decode_load_tag(encode(*tag)) == tag);
    count.take(tag->number);
  }
  require(count.received() + count.again() == taken && count.overtaken() <= count.received());
  return 0;
}
