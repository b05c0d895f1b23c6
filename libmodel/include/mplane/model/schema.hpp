#pragma once

#include "mplane/model/registry.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What a measurement takes and yields: a registry, the elements of its parameters, those of its
/// result columns (protocol, section 6). Two measurements with equal schemas are of one kind and
/// their results comparable. A handle to shared immutable contents: copies are cheap. Immutable.
class Schema {
 public:
  /// Elements by name, in the order in which they are to be written.
  /// @throws Error{Invalid} when the registry lacks one, or one is named twice in a section.
  Schema(const Registry& registry, std::span<const std::string> parameters,
         std::span<const std::string> columns);

  const Registry& registry() const noexcept;
  std::span<const Element* const> parameters() const noexcept;
  std::span<const Element* const> columns() const noexcept;

  std::optional<std::size_t> find_parameter(std::string_view name) const noexcept;
  std::optional<std::size_t> find_column(std::string_view name) const noexcept;
  /// The place of a parameter. @throws Error{Mismatch} naming it and those there are.
  std::size_t parameter(std::string_view name) const;
  /// The place of a column. @throws Error{Mismatch} naming it and those there are.
  std::size_t column(std::string_view name) const;

  /// Hex MD5 of `URI " p " names " r " names`, made anew at each call. A fingerprint for peers.
  std::string hash() const;
  /// A fast fingerprint, made once: schemas that are equal have equal keys.
  std::uint64_t key() const noexcept;

  /// Same registry URI, same parameters and same columns, whatever their order.
  friend bool operator==(const Schema& a, const Schema& b) noexcept;

  struct Contents;  // internal
 private:
  friend struct SchemaAccess;  // internal
  explicit Schema(std::shared_ptr<const Contents> contents) noexcept;
  std::shared_ptr<const Contents> contents_;
};

}  // namespace mplane
