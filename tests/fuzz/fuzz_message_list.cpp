// Bytes as a list of messages: its pieces lie within it, one behind the other.
#include "message_list.hpp"
#include "mplane/model/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace mplane;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const char* end = json.data();
  for (const std::string_view piece : detail::split_list(json)) {
    if (piece.data() < end || piece.empty()) std::abort();
    end = piece.data() + piece.size();
  }
  if (end > json.data() + json.size()) std::abort();
  static const Registry registry = Registry::core();
  try {
    detail::decode_list(json, registry, [](const Error&) {});
  } catch (const Error&) {  // most bytes are no list
  }
  return 0;
}
