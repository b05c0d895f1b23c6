// A text as a temporal scope. What reads is written in a form that reads back to the same, and
// whatever is asked about it has an answer that makes sense.
#include "mplane/model/error.hpp"
#include "mplane/model/when.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace mplane;

void check_runs(const When& when, Instant now) {
  Instant before = Instant::min();
  for (const Instant start : when.starts(now, now, 3)) {
    require(start > before && start >= now && when.contains(start, now));
    require(when.crontab() == nullptr || when.crontab()->matches(start));
    const When run = when.run_at(start);
    require(When::parse(to_string(run)) == run && run.interval(now).start == Time(start));
    before = start;
  }
}

void check_at(const When& when, Instant now) {
  const auto [start, end] = when.interval(now);
  const bool covers_something = start <= end;
  require(when.contains(start, now) == covers_something);
  require(!covers_something || when.contains(end, now));
  const TimerDelays delays = when.timer_delays(now);
  require(!delays.start || delays.start->count() >= 0);
  require(!delays.end || delays.end->count() >= 0);
  if (covers_something) {
    const When resolved = when.resolved(now);
    require(When::parse(to_string(resolved)) == resolved);
    require(resolved.interval(now) == when.interval(now));
  }
  check_runs(when, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const When when = When::parse(text);
    const std::string canonical = to_string(when);
    require(When::parse(canonical) == when);
    require(to_string(When::parse(canonical)) == canonical);
    require(when.follows(when, Instant()) || !when.contains(when.start(), Instant()));
    for (const auto* const now : {"0001-01-01", "1969-12-31 23:59:59.999999", "2016-02-29 12:00",
                                  "9999-12-31 23:59:59.999999"}) {
      check_at(when, Time::parse(now).instant());
    }
  } catch (const Error&) {
  }
  return 0;
}
