#pragma once

namespace mplane::test {

/// Whether this is a build under the thread sanitizer, where each step takes ten times as long and
/// tests of many do with fewer.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#elif defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace mplane::test
