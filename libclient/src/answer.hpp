#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/session/http.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mplane::detail {

/// Whether a reply says by its media type that it holds messages. JSON without further claim may,
/// too.
bool has_messages(const HttpReply& reply);

/// A peer's words, fit for an error message: on one line, without control characters, not endless.
std::string words_of(std::string_view text);

/// What a status that is no success means, when there is no exception message to say it better.
Error error_of(const HttpReply& reply, const Url& url);

/// A peer's exception message as an error.
class Refusal : public Error {
 public:
  Refusal(const Error& error, std::optional<std::string> token)
      : Error(error), token_(std::move(token)) {}

  /// Of what it is about, if it says so.
  const std::optional<std::string>& token() const noexcept { return token_; }

 private:
  std::optional<std::string> token_;
};

/// The message that a peer answered. @throws Error of the status's kind where that says failure,
/// with the peer's words as a Refusal where it is an exception; Error{Failed} where it is no
/// message at all.
Message read_answer(const HttpReply& reply, const Url& url, const Registry& registry);

}  // namespace mplane::detail
