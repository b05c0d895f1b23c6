#include "mplane/probes/ping/report.hpp"

#include <cstddef>

namespace mplane {

std::string_view to_string(PacketFate fate) noexcept {
  constexpr std::array<std::string_view, 8> kNames{"replied",           "lost",    "late",
                                                   "unreachable",       "too-big", "time-exceeded",
                                                   "parameter-problem", "unsent"};
  return kNames.at(static_cast<std::size_t>(fate));
}

PacketFate fate_after(IcmpTrouble trouble) noexcept {
  switch (trouble) {
    case IcmpTrouble::TooBig:
      return PacketFate::TooBig;
    case IcmpTrouble::TimeExceeded:
      return PacketFate::TimeExceeded;
    case IcmpTrouble::ParameterProblem:
      return PacketFate::ParameterProblem;
    case IcmpTrouble::Unreachable:
      break;
  }
  return PacketFate::Unreachable;
}

}  // namespace mplane
