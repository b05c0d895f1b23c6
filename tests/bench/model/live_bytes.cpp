#include "live_bytes.hpp"

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::size_t> live{0};

}  // namespace

std::size_t bench::live_bytes() noexcept { return live.load(std::memory_order_relaxed); }

void* operator new(const std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  live.fetch_add(malloc_usable_size(memory), std::memory_order_relaxed);
  return memory;
}

void operator delete(void* const memory) noexcept {
  live.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

void operator delete(void* const memory, std::size_t /*size*/) noexcept { operator delete(memory); }
