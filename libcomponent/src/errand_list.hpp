#pragma once

#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"

#include <string_view>
#include <vector>

namespace mplane::detail {

/// What a supervisor answered to a poll: the messages of its envelopes in their order, whatever the
/// nesting; a message alone counts as an envelope of one. One that cannot be read does not harm the
/// others: in its place is the exception to answer it with.
struct ErrandList {
  std::vector<Message> messages = {};
  std::vector<Exception> unreadable = {};
};

/// @throws Error{Malformed} for what is no JSON object.
ErrandList read_errands(std::string_view json, const Registry& registry);

}  // namespace mplane::detail
