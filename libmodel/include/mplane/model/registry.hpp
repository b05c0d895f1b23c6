#pragma once

#include "mplane/model/element.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// The URI of the registry that an empty or missing URI means.
inline constexpr std::string_view kCoreRegistryUri = "http://ict-mplane.eu/registry/core";

/// A set of elements under a URI (protocol, section 2). A handle: copies are cheap and share the
/// same immutable contents, which live until the last handle is gone. Never a global: who decodes
/// messages is handed one. Immutable.
class Registry {
 public:
  /// Turns the URI of an include into the text of that registry, or throws.
  using Loader = std::function<std::string(std::string_view uri)>;

  /// The registry of the 113 core elements that every peer knows; built in.
  static Registry core();

  /// Reads a registry from JSON. Includes are resolved depth first: the core registry from what is
  /// built in, others by the loader; later definitions of a name override earlier ones. The JSON
  /// is checked in full: format, URI, element names, primitives.
  /// @throws Error{Malformed, Invalid} naming the place; a loop of includes is named as such; an
  /// include without a loader is refused. What the loader throws passes.
  static Registry decode(std::string_view json, const Loader& loader = {});

  const std::string& uri() const noexcept;
  std::uint64_t revision() const noexcept;

  /// All elements, includes first, each where its name was first defined.
  std::span<const Element> elements() const noexcept;
  /// The element of that name, or null.
  const Element* find(std::string_view name) const noexcept;
  /// The element of that name. @throws Error{Invalid} naming it, and a near miss if there is one.
  const Element& element(std::string_view name) const;

  /// The registry that a message means by a URI: this one, one it includes, or one added with
  /// `also`. An empty URI means the core registry. Null when it is none of them.
  const Registry* known(std::string_view uri) const noexcept;

  /// The other registries that messages may name: those it includes, and those added with `also`.
  std::span<const Registry> others() const noexcept;

  /// This registry, where messages may name `other` (and what that knows) too.
  Registry also(const Registry& other) const;

  /// Whether both are handles to the same elements, whatever else messages may name.
  bool same(const Registry& other) const noexcept { return contents_ == other.contents_; }

  struct Contents;  // internal
 private:
  friend class RegistryReader;  // the format, in registry_reader.cpp

  Registry(std::shared_ptr<const Contents> contents,
           std::shared_ptr<const std::vector<Registry>> others) noexcept;

  std::shared_ptr<const Contents> contents_;
  std::shared_ptr<const std::vector<Registry>> others_;  // what `known` knows beside this one
};

}  // namespace mplane
