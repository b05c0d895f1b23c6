#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace yardstick {

/// Parses a text into a RapidJSON document of its own, with the flags of a careful reader: no
/// recursion, UTF-8 checked, numbers exact. How many members its root has.
/// @throws std::runtime_error when it is not JSON.
std::size_t parse_dom(std::string_view text);

/// A document that was parsed before, to be written again and again.
class ReadyDom {
 public:
  /// @throws std::runtime_error when it is not JSON.
  explicit ReadyDom(std::string_view text);
  ~ReadyDom();
  ReadyDom(ReadyDom&&) noexcept;
  ReadyDom(const ReadyDom&) = delete;
  ReadyDom& operator=(const ReadyDom&) = delete;
  ReadyDom& operator=(ReadyDom&&) = delete;

  /// Writes it with a RapidJSON Writer into a buffer of its own. How long the text is.
  std::size_t write() const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace yardstick
