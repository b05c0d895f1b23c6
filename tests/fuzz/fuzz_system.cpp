// A text as a file of /proc: whatever it says, what is read of it makes sense.
#include "mplane/probes/system/readings.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mplane;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (read_cpu_times(text)) require(text.find("cpu ") != std::string_view::npos);
  if (read_memory(text)) require(text.find("MemAvailable:") != std::string_view::npos);
  for (const auto& [name, counts] : read_interfaces(text)) {
    require(!name.empty() && text.find(name) != std::string_view::npos);
  }
  return 0;
}
