#pragma once

#include "mplane/model/primitive.hpp"

#include <cstdint>
#include <string>

namespace mplane {

/// A name for a kind of data with one meaning and one primitive type, as an IPFIX information
/// element or a column of a table (protocol, section 2). Elements belong to a Registry and live as
/// long as any handle to it. Immutable.
class Element {
 public:
  /// @param registry_uri of the registry that defines it, which an including one may not be.
  Element(std::string name, Primitive primitive, std::string description, std::string registry_uri);

  const std::string& name() const noexcept { return name_; }
  Primitive primitive() const noexcept { return primitive_; }
  const std::string& description() const noexcept { return description_; }
  const std::string& registry_uri() const noexcept { return registry_uri_; }
  /// `registry-uri#name`: two elements mean the same exactly if these are equal.
  std::string qualified_name() const { return registry_uri_ + "#" + name_; }
  /// A fast fingerprint of name, made once; equal names have equal keys. No cryptography.
  std::uint64_t key() const noexcept { return key_; }

 private:
  std::string name_;
  std::string description_;
  std::string registry_uri_;
  std::uint64_t key_;
  Primitive primitive_;
};

/// Whether values of one can stand for values of the other: equal qualified names only.
bool compatible(const Element& a, const Element& b) noexcept;

}  // namespace mplane
