#include "mplane/model/detail/random_bytes.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstring>
#include <sys/random.h>

namespace mplane::detail {

void fill_with_random(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto given = ::getrandom(bytes.data(), bytes.size(), 0);
    if (given < 0 && errno == EINTR) continue;
    if (given <= 0) {
      throw Error(ErrorKind::Unavailable, "",
                  std::string("the system gave no random numbers: ") + std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(given));
  }
}

std::string random_bytes(const std::size_t count) {
  std::string bytes(count, '\0');
  fill_with_random(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace mplane::detail
