#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mplane::detail {

/// The kinds of messages, in the order of `Message::Alternatives`.
enum class Kind : std::uint8_t {
  Capability,
  Specification,
  Result,
  Receipt,
  Redemption,
  Indirection,
  Withdrawal,
  Interrupt,
  Exception,
  Envelope,
};

inline constexpr std::size_t kKinds = 10;

/// The keys of messages that mean something (protocol, section 5). Those that name a kind come
/// first, with its number; here are the rest.
enum class Section : std::uint8_t {
  Version = kKinds,
  Registry,
  Label,
  When,
  Parameters,
  Metadata,
  Results,
  ResultValues,
  Export,
  Link,
  Token,
  Message,
  Contents,
};

/// The section that names a kind, its verb being the value.
constexpr Section section_of(const Kind kind) noexcept { return static_cast<Section>(kind); }

/// The one table of keys, by section.
inline constexpr std::array<std::string_view, kKinds + 13> kSectionNames = {
    "capability", "specification", "result",     "receipt",  "redemption", "indirection",
    "withdrawal", "interrupt",     "exception",  "envelope", "version",    "registry",
    "label",      "when",          "parameters", "metadata", "results",    "resultvalues",
    "export",     "link",          "token",      "message",  "contents"};

constexpr std::string_view name(const Section section) noexcept {
  return kSectionNames[static_cast<std::size_t>(section)];
}

constexpr std::string_view name(const Kind kind) noexcept { return name(section_of(kind)); }

}  // namespace mplane::detail
