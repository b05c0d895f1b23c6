// A text as a setting's duration and as a number of bytes. What is read is written so that it reads
// as the same again; what is refused is named.
#include "mplane/model/error.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/tools/quantities.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace mplane;

template <typename Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::Malformed && !error.message().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  attempt([&] {
    const Duration duration = parse_setting_duration(text);
    require(parse_setting_duration(setting_text(duration)) == duration);
  });
  attempt([&] {
    const std::uint64_t bytes = parse_bytes(text);
    require(parse_bytes(bytes_text(bytes)) == bytes);
  });
  return 0;
}
