#pragma once

#include <utility>

namespace mplane {

/// Owns one descriptor of the operating system and closes it. Moves, never copies. One thread at a
/// time.
class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  /// Takes over an open descriptor; a negative number is none.
  explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  /// The number, negative when there is none.
  int number() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace mplane
