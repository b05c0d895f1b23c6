// Bytes as the output of a program: the first says how it is read, and whether it was cut off. What
// comes of it can be sent.
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/probes/exec/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

using namespace mplane;

namespace {

struct Readers {
  Readers() {
    ExecSettings settings{.results = {{"packets.lost", "lost", 1},
                                      {"rtt.us", "rtt", 1000},
                                      {"source.device", "name"},
                                      {"connectivity.ip", "up"}}};
    for (const ExecFormat format :
         {ExecFormat::Lines, ExecFormat::Text, ExecFormat::Json, ExecFormat::Csv}) {
      const bool by_pattern = format == ExecFormat::Lines || format == ExecFormat::Text;
      settings.format = format;
      settings.patterns.clear();
      if (by_pattern) {
        settings.patterns = {"(?P<name>\\w*): (?P<lost>\\S+) lost( (?P<rtt>\\S+) ms)?",
                             "up (?P<up>\\w+)"};
      }
      readers.push_back(std::make_unique<OutputReader>(settings, capability.schema()));
    }
  }

  const Capability capability = Capability::measure("fuzz")
                                    .when("now")
                                    .result("source.device")
                                    .result("packets.lost")
                                    .result("rtt.us")
                                    .result("connectivity.ip")
                                    .build(Registry::core());
  std::vector<std::unique_ptr<OutputReader>> readers;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Readers readers;
  if (size == 0) return 0;
  const std::string_view output(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool cut = (data[0] & 4U) != 0;
  Result result(readers.capability.specify("now").build());
  try {
    readers.readers[data[0] % 4U]->read(output, cut, result);
  } catch (const Error&) {  // most bytes are no such output
    return 0;
  }
  const Instant now{};
  encode(result.measured(now, now));
  return 0;
}
