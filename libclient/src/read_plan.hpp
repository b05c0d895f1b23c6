#pragma once

#include "mplane/client/foreseen_start.hpp"
#include "mplane/model/message.hpp"

#include <string>
#include <vector>

namespace mplane::detail {

/// The starts of the specification with that token, as a component foresees them (protocol, section
/// 7). @throws Error{Failed} naming the URL for an answer that is something else.
std::vector<ForeseenStart> read_plan(const Message& answer, const std::string& token,
                                     const std::string& url);

}  // namespace mplane::detail
