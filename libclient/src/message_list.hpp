#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// Told about each message of a list that cannot be read.
using Unreadable = std::function<void(const Error&)>;

/// The messages of a text: of an envelope, of a JSON array of messages, or the single one it is.
/// One among several that cannot be read does not spoil the others.
/// @throws Error{Malformed, Invalid} when none can be read.
std::vector<Message> decode_list(std::string_view json, const Registry& registry,
                                 const Unreadable& unreadable);

/// The texts of the elements of the first array of a JSON text that is an array itself, or the
/// value of "contents" in an object. Nothing when there is no such array. Takes any bytes: what is
/// no JSON gives some pieces, each within the text.
std::vector<std::string_view> split_list(std::string_view json);

}  // namespace mplane::detail
