#include "mplane/tools/kernel_clock.hpp"

#include <sys/timex.h>

namespace mplane {

std::optional<KernelClock> kernel_clock() {
  timex state{};
  const int answer = adjtimex(&state);
  if (answer < 0) return {};
  constexpr std::int64_t kNanoOfMicro = 1'000;
  const bool in_nanoseconds = (state.status & STA_NANO) != 0;
  return KernelClock{answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0,
                     Duration(in_nanoseconds ? state.offset / kNanoOfMicro : state.offset),
                     Duration(state.maxerror)};
}

}  // namespace mplane
