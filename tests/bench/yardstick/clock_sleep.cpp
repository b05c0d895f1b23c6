#include "clock_sleep.hpp"

#include <cerrno>
#include <time.h>

namespace yardstick {

std::vector<std::chrono::nanoseconds> sleep_lateness(
    const std::vector<std::chrono::system_clock::time_point>& instants) {
  using namespace std::chrono;
  std::vector<nanoseconds> late;
  late.reserve(instants.size());
  for (const auto instant : instants) {
    const nanoseconds since = instant.time_since_epoch();
    const timespec until{duration_cast<seconds>(since).count(), (since % 1s).count()};
    while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
    late.push_back(system_clock::now() - instant);
  }
  return late;
}

}  // namespace yardstick
