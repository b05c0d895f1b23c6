#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/session/http.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/url.hpp"

#include <string>
#include <string_view>

namespace mplane::detail {

/// Whether a reply says by its media type that it holds messages. JSON without further claim may,
/// too.
bool has_messages(const HttpReply& reply);

/// A peer's words, fit for an error message: on one line, without control characters, not endless.
std::string words_of(std::string_view text);

/// What a status that is no success means, when there is no exception message to say it better.
Error error_of(const HttpReply& reply, const Url& url);

/// The message that a peer answered. @throws Error of the status's kind with the peer's words where
/// it is an exception or the status says failure; Error{Failed} where it is no message at all.
Message read_answer(const HttpReply& reply, const Url& url, const Registry& registry);

}  // namespace mplane::detail
