#pragma once

#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane::test {

/// Leaves this process without a free descriptor, but for one, until it goes.
class FewDescriptors {
 public:
  FewDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit few = before_;
    few.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) hoard_.push_back(fd);
    REQUIRE_FALSE(hoard_.empty());
    ::close(hoard_.back());
    hoard_.pop_back();
  }
  ~FewDescriptors() {
    for (const int fd : hoard_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> hoard_;
};

/// Which part of half a second the process computes.
inline double load_of_this_process() {
  constexpr int kMilliseconds = 500;
  const auto before = std::clock();
  ::poll(nullptr, 0, kMilliseconds);
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  return seconds * 1'000 / kMilliseconds;
}

}  // namespace mplane::test
