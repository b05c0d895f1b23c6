#include "mplane/probe/kernel_clock.hpp"

#include <algorithm>
#include <sys/timex.h>

namespace mplane {

KernelClock KernelClock::of(const ::timex& state, const int answer) noexcept {
  constexpr std::int64_t kNanoOfMicro = 1'000;
  const bool in_nanoseconds = (state.status & STA_NANO) != 0;
  return {answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0,
          Duration(in_nanoseconds ? state.offset / kNanoOfMicro : state.offset),
          Duration(std::max<std::int64_t>(state.maxerror, 0)),
          Duration(std::max<std::int64_t>(state.esterror, 0))};
}

std::optional<KernelClock> kernel_clock() noexcept {
  timex state{};
  const int answer = adjtimex(&state);
  if (answer < 0) return {};
  return KernelClock::of(state, answer);
}

}  // namespace mplane
