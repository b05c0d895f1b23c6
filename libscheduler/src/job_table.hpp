#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace mplane::detail {

class Job;

/// The jobs of one owner, found by their token: a list of them, and beside it a table of hashes
/// with open addressing, so that a look-up meets no other job's memory. One thread at a time.
class JobTable {
 public:
  using Pointer = std::shared_ptr<Job>;

  bool empty() const noexcept { return jobs_.empty(); }
  std::vector<Pointer>::const_iterator begin() const noexcept { return jobs_.begin(); }
  std::vector<Pointer>::const_iterator end() const noexcept { return jobs_.end(); }

  /// Null when there is none.
  Pointer find(std::string_view token) const noexcept;
  /// Only with a token that is not there.
  void insert(Pointer job);
  /// Only of one that is there.
  void erase(const Job& job) noexcept;

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t number = kFree;  // in the list
  };

  std::size_t place_of(std::uint32_t hash, std::uint32_t number) const noexcept;
  std::size_t after(std::size_t place) const noexcept { return (place + 1) & (table_.size() - 1); }
  void enter(Entry entry) noexcept;
  void grow();

  std::vector<Pointer> jobs_;
  std::vector<Entry> table_;  // a power of two, filled to three quarters at most
};

}  // namespace mplane::detail
