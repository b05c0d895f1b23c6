#pragma once

#include "mplane/model/element.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace mplane::detail {

/// An element of a schema and its place there.
struct Placed {
  const Element* element;
  std::size_t place;
};

/// The elements in order of their names, as all hashes take them.
inline std::vector<Placed> by_name(const std::span<const Element* const> elements) {
  std::vector<Placed> sorted;
  sorted.reserve(elements.size());
  for (const Element* element : elements) sorted.push_back({element, sorted.size()});
  std::sort(sorted.begin(), sorted.end(),
            [](const Placed& a, const Placed& b) { return a.element->name() < b.element->name(); });
  return sorted;
}

/// Appends for each of `sorted` what `append` makes of it, separated by single spaces.
template <typename Append>
void append_joined(std::string& out, const std::vector<Placed>& sorted, const Append& append) {
  bool first = true;
  for (const Placed& placed : sorted) {
    if (!first) out += ' ';
    first = false;
    append(out, placed);
  }
}

inline void append_names(std::string& out, const std::vector<Placed>& sorted) {
  append_joined(out, sorted,
                [](std::string& to, const Placed& placed) { to += placed.element->name(); });
}

}  // namespace mplane::detail
