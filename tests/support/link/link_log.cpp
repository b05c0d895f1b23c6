#include "support/link/link.hpp"

namespace mplane::test {
namespace {

std::string fate_text(const Fate& fate) {
  if (fate.dropped) return "dropped";
  if (fate.duplicated && fate.held_back) return "duplicated+reordered";
  if (fate.duplicated) return "duplicated";
  return fate.held_back ? "reordered" : "forwarded";
}

std::string nanoseconds(LinkRecord::WallTime time) {
  return std::to_string(time.time_since_epoch().count());
}

}  // namespace

std::string log_header() { return "direction,number,fate,arrived-ns,departed-ns,bytes,packet"; }

std::string log_line(const LinkRecord& record) {
  std::string line = record.direction == Direction::AToB ? "a-b," : "b-a,";
  line += std::to_string(record.number) + "," + fate_text(record.fate) + ",";
  line += nanoseconds(record.arrived) + "," + nanoseconds(record.departed) + ",";
  return line + std::to_string(record.bytes) + "," + record.packet;
}

}  // namespace mplane::test
