#pragma once

#include "mplane/session/url.hpp"

#include <string_view>
#include <vector>

namespace mplane {

/// Where peers may have results sent to (protocol, section 10): what lies below one of these URLs,
/// and nothing else, since what a peer sends is not to make us connect to whom it likes. Immutable
/// value.
class ExportRules {
 public:
  /// The one scheme that results can be exported to.
  static constexpr std::string_view kScheme = "mplane-https";

  /// Nowhere.
  ExportRules() = default;
  /// Scheme, host and port have to be the same; the path is compared by whole segments:
  /// `mplane-https://repository.example.org/in` is good for `/in` and `/in/x`, not for `/inside`.
  explicit ExportRules(std::vector<Url> prefixes) : prefixes_(std::move(prefixes)) {}

  bool empty() const noexcept { return prefixes_.empty(); }
  bool allow(const Url& target) const;
  /// Whether there is anything that they allow on the target's host and port.
  bool reach(const Url& target) const;
  /// The target that a specification names. @throws Error{Refused} when it is none, or not allowed.
  Url target(std::string_view text) const;

 private:
  std::vector<Url> prefixes_;
};

}  // namespace mplane
