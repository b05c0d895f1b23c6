// Bytes from the network as an ICMP error with extensions: first byte the family, the rest a
// message from its ICMP header on, and what an error queue hands out of one. Labels have to come
// from what was given, and to be what their bits can hold.
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probes/trace/mpls.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace mplane;

bool ends(Bytes part, Bytes whole) {
  return part.empty() || part.data() + part.size() == whole.data() + whole.size();
}

void read_labels(Bytes extensions) {
  const auto labels = mpls_labels(extensions);
  require(labels.size() * 4 <= extensions.size());
  for (const MplsLabel& label : labels) {
    require(label.label < (1U << 20U) && label.traffic_class < 8);
  }
  const std::string text = to_string(labels);
  require(labels.empty() == text.empty());
  require(text.size() <= labels.size() * std::string("1048575/255,").size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const IpFamily family = data[0] % 2 == 0 ? IpFamily::Ip4 : IpFamily::Ip6;
  read_labels(bytes);
  const Bytes marked = icmp_extensions(family, bytes);
  require(ends(marked, bytes));
  read_labels(marked);
  for (const std::size_t headers : {std::size_t{0}, ip_header(family) + 8, bytes.size()}) {
    const Bytes unmarked = unmarked_extensions(bytes, headers);
    require(ends(unmarked, bytes));
    read_labels(unmarked);
  }
  return 0;
}
