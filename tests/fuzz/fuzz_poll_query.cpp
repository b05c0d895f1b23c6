// What a component tells of itself in the query of a poll: nothing of it may steer a terminal or
// run over.
#include "mplane/model/time.hpp"
#include "poll_query.hpp"
#include "require.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const mplane::ComponentSelf self =
      mplane::detail::read_poll_query(text, mplane::Time::parse("2026-11-22").instant());
  require(self.version.size() <= 32);
  require(std::all_of(self.version.begin(), self.version.end(),
                      [](const char c) { return c > ' ' && c < '\x7f'; }));
  require(!self.load || (std::isfinite(*self.load) && *self.load >= 0));
  return 0;
}
