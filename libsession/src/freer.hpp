#pragma once

namespace mplane::detail {

/// Has a std::unique_ptr free what a C library made, by the function that is for it.
template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};

}  // namespace mplane::detail
