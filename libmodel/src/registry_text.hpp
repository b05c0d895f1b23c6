#pragma once

#include "json_scanner.hpp"

#include <cstddef>
#include <vector>

namespace mplane::detail {

/// How deep a registry's JSON may nest, in what is ignored too.
inline constexpr std::size_t kDeepestRegistry = 1024;

/// What stands in an array of elements: a text, or an object of which three members count.
struct ElementText {
  RawValue entry;
  RawValue name;
  RawValue primitive;
  RawValue description;
};

/// What a registry's JSON says, not judged yet; of a key that is repeated the last value.
struct RegistryText {
  RawValue format;
  RawValue uri;
  RawValue revision;
  RawValue includes;
  std::vector<RawValue> include_uris;
  RawValue elements;
  std::vector<ElementText> entries;
};

/// Reads all of a JSON text. What comes back lives as long as the scanner.
/// @throws Error{Malformed} when it is not JSON, or no object.
RegistryText scan_registry(JsonScanner& scanner);

}  // namespace mplane::detail
