#pragma once

// Clang tells by features, GCC by macros.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MPLANE_TEST_THREAD_SANITIZER true
#endif
#if __has_feature(address_sanitizer)
#define MPLANE_TEST_ADDRESS_SANITIZER true
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define MPLANE_TEST_THREAD_SANITIZER true
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MPLANE_TEST_ADDRESS_SANITIZER true
#endif
#ifndef MPLANE_TEST_THREAD_SANITIZER
#define MPLANE_TEST_THREAD_SANITIZER false
#endif
#ifndef MPLANE_TEST_ADDRESS_SANITIZER
#define MPLANE_TEST_ADDRESS_SANITIZER false
#endif

namespace mplane::test {

/// Whether this is a build under the thread sanitizer, where each step takes ten times as long and
/// tests of many do with fewer.
inline constexpr bool kThreadSanitizer = MPLANE_TEST_THREAD_SANITIZER;
/// Whether it is one under the address sanitizer. Both take terabytes of addresses, so that the
/// memory of such programs cannot be limited.
inline constexpr bool kAddressSanitizer = MPLANE_TEST_ADDRESS_SANITIZER;

}  // namespace mplane::test
