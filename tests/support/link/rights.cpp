#include "support/link/rights.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace mplane::test {

void become_nobody() {
  // The library's functions of these names change all threads of a process; the system calls one.
  constexpr long kNobody = 65534;
  const bool changed = ::syscall(SYS_setgroups, 0L, nullptr) == 0 &&
                       ::syscall(SYS_setresgid, kNobody, kNobody, kNobody) == 0 &&
                       ::syscall(SYS_setresuid, kNobody, kNobody, kNobody) == 0;
  if (!changed) throw std::runtime_error(std::string("still root: ") + std::strerror(errno));
}

}  // namespace mplane::test
