#pragma once

#include "brief_mutex.hpp"
#include "few.hpp"
#include "mplane/model/capability_index.hpp"
#include "offer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mplane::detail {

/// The services on offer, and those withdrawn lately. Thread-safe.
class Catalogue {
 public:
  /// @throws Error{Invalid} when a capability with its token is on offer already.
  Capability offer(Service service) MPLANE_EXCLUDES(mutex_);
  std::optional<Capability> withdraw(std::string_view token) MPLANE_EXCLUDES(mutex_);
  std::vector<Capability> capabilities() const MPLANE_EXCLUDES(mutex_);
  std::optional<Capability> find(std::string_view token) const MPLANE_EXCLUDES(mutex_);
  bool is_withdrawn(std::string_view token) const MPLANE_EXCLUDES(mutex_);
  /// The first offer that accepts it and may be used: one with its label, else with that and a
  /// number behind it, else any that is not chosen by label. @throws Error{Invalid} saying why none
  /// does, {Refused} when none of those may.
  std::shared_ptr<Offer> match(const Specification& specification, Instant now,
                               const MayUse& may_use = {}) const MPLANE_EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kRemembered = 10'000;  // withdrawn capabilities

  struct Withdrawn {
    std::string token;
    Capability capability;
  };

  Few<std::shared_ptr<Offer>> accepting(const Specification& specification, Instant now) const
      MPLANE_EXCLUDES(mutex_);
  enum class Claim : std::uint8_t { Numbered, Free, OfAnother };
  Claim claim(std::string_view label, const Service& service) const MPLANE_EXCLUDES(mutex_);
  /// Under that label, until it was withdrawn.
  bool was_offered(std::string_view label) const MPLANE_EXCLUDES(mutex_);
  const Withdrawn* find_withdrawn(std::string_view token) const MPLANE_REQUIRES(mutex_);
  Error objection(const Specification& specification, Instant now) const MPLANE_REQUIRES(mutex_);

  mutable BriefMutex mutex_;
  CapabilityIndex index_ MPLANE_GUARDED_BY(mutex_);
  std::map<std::size_t, std::shared_ptr<Offer>> offers_ MPLANE_GUARDED_BY(mutex_);  // by index id
  std::map<std::string, std::size_t, std::less<>> ids_ MPLANE_GUARDED_BY(mutex_);   // by token
  std::deque<Withdrawn> withdrawn_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
