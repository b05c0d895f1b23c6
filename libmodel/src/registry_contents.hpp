#pragma once

#include "mplane/model/element.hpp"
#include "mplane/model/registry.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// The elements of a registry in order, with a hash table over them: open addressing, at most half
/// full. Filled once, then shared and never changed.
struct Registry::Contents {
  /// Adds an element; one of the same name is replaced where it stands.
  void define(Element element);
  const Element* find(std::string_view name) const noexcept;

  std::string uri;
  std::uint64_t revision = 0;
  std::vector<Element> elements;

 private:
  void grow();
  std::size_t slot_of(std::string_view name, std::uint64_t key) const noexcept;

  std::vector<std::uint32_t> slots_;  // index into elements plus one; 0 is free
};

}  // namespace mplane
