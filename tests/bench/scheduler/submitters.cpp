#include "submitters.hpp"

#include <chrono>
#include <latch>
#include <thread>
#include <vector>

namespace bench {

double rate_of_threads(const std::size_t threads, const std::size_t each,
                       const std::function<void(std::size_t, std::size_t)>& operation) {
  std::latch all_there(static_cast<std::ptrdiff_t>(threads) + 1);
  std::vector<std::jthread> running;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      all_there.arrive_and_wait();
      for (std::size_t i = 0; i < each; ++i) operation(thread, i);
    });
  }
  all_there.arrive_and_wait();
  const auto begin = std::chrono::steady_clock::now();
  running.clear();  // joins
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(threads * each) / taken.count();
}

}  // namespace bench
