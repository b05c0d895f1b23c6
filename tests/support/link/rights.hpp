#pragma once

namespace mplane::test {

/// Makes the calling thread, and no other, run as user and group nobody, without any capability.
/// For good. Needs root. @throws std::runtime_error.
void become_nobody();

}  // namespace mplane::test
