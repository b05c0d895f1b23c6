#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace mplane::detail {

/// A list that most often has one element: that lies in place, and only more of them elsewhere.
/// A value.
template <typename T>
class Few {
 public:
  bool empty() const noexcept { return size() == 0; }
  std::size_t size() const noexcept { return one_ ? 1 : more_.size(); }
  T* begin() noexcept { return one_ ? &*one_ : more_.data(); }
  T* end() noexcept { return begin() + size(); }
  const T* begin() const noexcept { return one_ ? &*one_ : more_.data(); }
  const T* end() const noexcept { return begin() + size(); }
  // Only of one that is not empty.
  T& front() noexcept { return *begin(); }
  const T& front() const noexcept { return *begin(); }
  T& back() noexcept { return end()[-1]; }
  const T& back() const noexcept { return end()[-1]; }

  void push_back(T value) {
    if (empty()) {
      one_.emplace(std::move(value));
      return;
    }
    if (one_) more_.push_back(*std::exchange(one_, std::nullopt));
    more_.push_back(std::move(value));
  }
  void pop_front() { one_ ? one_.reset() : static_cast<void>(more_.erase(more_.begin())); }
  void clear() noexcept {
    one_.reset();
    more_.clear();
  }
  template <typename Predicate>
  void erase_if(const Predicate& it_goes) {
    if (one_ && it_goes(std::as_const(*one_))) one_.reset();
    std::erase_if(more_, it_goes);
  }

 private:
  std::optional<T> one_;
  std::vector<T> more_;  // empty if there is one
};

}  // namespace mplane::detail
