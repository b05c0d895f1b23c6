#pragma once

#include "json_scanner.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/message.hpp"
#include "section.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// A member of `parameters` or `metadata`.
struct RawMember {
  std::string_view name;
  RawValue value;
};

/// A row of `resultvalues`: the cells up to `end`, or something that is no array.
struct RawRow {
  std::size_t end;
  bool is_array;
};

/// The sections of one message, as views; of keys that came twice the last.
struct RawMessage {
  const RawValue& operator[](const Section section) const noexcept {
    return sections[static_cast<std::size_t>(section)];
  }

  std::array<RawValue, kSectionNames.size()> sections{};
  std::span<const RawMember> parameters;
  std::span<const RawMember> metadata;
  std::span<const RawValue> columns;
  std::span<const RawRow> rows;
  std::span<const RawValue> cells;
};

/// Makes a message of its sections; of an envelope `contents` are what it contains.
using BuildMessage =
    std::function<mplane::Message(const RawMessage&, std::vector<mplane::Message>)>;

/// Reads the JSON of one message and has it built, those inside it first.
/// @throws Error{Malformed} for what is not JSON, with the place; whatever `build` throws, with the
/// place of the message inside its envelopes.
mplane::Message read_message(std::string_view text, const DecodeLimits& limits,
                             const BuildMessage& build);

}  // namespace mplane::detail
