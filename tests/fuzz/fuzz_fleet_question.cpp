// A question at the control socket: what is read has to be written so that it reads as the same.
#include "fleet_view.hpp"
#include "mplane/model/error.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mplane;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string written = to_text(parse_fleet_question(text));
    require(to_text(parse_fleet_question(written)) == written);
  } catch (const Error& error) {
    require(!error.message().empty());
  }
  return 0;
}
