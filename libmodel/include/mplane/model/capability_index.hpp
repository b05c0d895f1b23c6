#pragma once

#include "mplane/model/capability.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace mplane {

/// Finds the capabilities that accept a specification among thousands: those of its schema by a
/// hash, then by values and scope. Keeps its capabilities by value. One thread at a time; const
/// methods are thread-safe.
class CapabilityIndex {
 public:
  /// Adds a capability; ids are given in the order of offers and never used again.
  std::size_t add(Capability capability);
  /// Takes one out; unknown ids are ignored.
  void remove(std::size_t id);

  /// The capability of that id, or null; valid until the index changes.
  const Capability* find(std::size_t id) const noexcept;
  std::size_t size() const noexcept { return schema_of_.size(); }

  /// The ids of those that accept it, in the order of offers.
  std::vector<std::size_t> accepting(const Specification& specification, Instant now) const;
  /// The first that accepts it, or null.
  const Capability* first_accepting(const Specification& specification, Instant now) const;
  /// The ids of all with the schema, in the order of offers: for saying why none accepts.
  std::vector<std::size_t> with_schema(const Schema& schema) const;

 private:
  struct Offer {
    std::size_t id;
    Capability capability;
  };
  struct Group {  // offers of one verb and schema, at least one, in order of ids
    bool has(const Statement& statement) const noexcept;
    std::vector<Offer> offers{};
  };

  std::span<const Group> groups_of(std::uint64_t key) const noexcept;
  std::span<const Offer> offers_for(const Specification& specification) const noexcept;

  std::unordered_map<std::uint64_t, std::vector<Group>> by_schema_;
  std::unordered_map<std::size_t, std::uint64_t> schema_of_;  // key of the schema of an id
  std::size_t next_ = 0;
};

}  // namespace mplane
