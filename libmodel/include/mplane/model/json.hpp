#pragma once

#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mplane {

/// Limits on what `decode` reads, beside the size of the text itself, which the caller bounds.
struct DecodeLimits {
  std::size_t depth = 1024;  ///< nested arrays and objects
};

/// Reads a message: syntax, version, sections, elements and values are checked here, once (protocol
/// sections 5 and 11); what comes back is valid.
/// @param text UTF-8 JSON.
/// @param registry where elements come from; messages may name any registry that it knows.
/// @throws Error{Malformed, Invalid}, {TooLarge} of what is nested too deep, with a JSON pointer
/// ("contents/3/parameters/destination.ip4"), naming the element and the value.
Message decode(std::string_view text, const Registry& registry, const DecodeLimits& limits = {});

/// The same for a text that has to be one kind of message.
/// @throws Error{Invalid} naming what came instead.
template <typename T>
T decode_as(std::string_view text, const Registry& registry, const DecodeLimits& limits = {});

/// How JSON is written.
struct EncodeOptions {
  bool pretty = false;      ///< two spaces a level, one member a line; else compact
  bool token_only = false;  ///< receipts, redemptions, interrupts, withdrawals by token alone
};

/// The wire form (protocol, section 5): keys in order, all values as text. A statement is written
/// with a token only if it has one. @throws Error{Invalid} for a result without a definite scope.
std::string encode(const Message& message, const EncodeOptions& options = {});

/// The form of files and exports: an object with `label`, `token`, `when`, `component`,
/// `parameters`, `metadata` and `rows`, one object a row; numbers and booleans are native, no value
/// is null. @param component that measured; left out when empty.
std::string export_json(const Result& result, std::string_view component, bool pretty = false);

}  // namespace mplane
