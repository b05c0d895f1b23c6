#include "answer.hpp"

#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongestWords = 1000;

bool is_success(const int status) { return status >= 200 && status < 300; }

/// The kinds that a peer can tell us by a status (protocol, section 7). What it holds to be our
/// mistake is its refusal of what we sent, so that it is not taken for a mistake on this side.
ErrorKind kind_of(const int status) {
  constexpr std::array kKinds{ErrorKind::Refused,    ErrorKind::Unknown,  ErrorKind::NotAllowed,
                              ErrorKind::MediaType,  ErrorKind::TooLarge, ErrorKind::TooMany,
                              ErrorKind::Unavailable};
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(), [&](const ErrorKind kind) {
    return traits(kind).http_status == status;
  });
  return found == kKinds.end() ? ErrorKind::Failed : *found;
}

bool is_json(const std::string_view content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/json";
}

/// The message in the body, or nothing where it is none and the status says enough.
std::optional<Message> message_in(const HttpReply& reply, const Url& url,
                                  const Registry& registry) {
  if (!has_messages(reply)) return {};
  try {
    return decode(reply.body, registry);
  } catch (const Error& error) {
    if (!is_success(reply.status)) return {};
    throw Error(ErrorKind::Failed, to_string(url),
                std::string("the answer cannot be read: ") + error.what());
  }
}

}  // namespace

bool has_messages(const HttpReply& reply) {
  return is_mplane_media_type(reply.content_type) || is_json(reply.content_type);
}

std::string words_of(const std::string_view text) {
  std::string words(text.substr(0, kLongestWords));
  std::replace_if(
      words.begin(), words.end(), [](const char c) { return (c >= 0 && c < ' ') || c == '\x7f'; },
      ' ');
  if (text.size() > kLongestWords) words += "…";
  return words;
}

Error error_of(const HttpReply& reply, const Url& url) {
  std::string message = "the answer is status " + std::to_string(reply.status);
  if (!reply.retry_after.empty()) {
    message += ", to be asked again after " + words_of(reply.retry_after);
  }
  return {kind_of(reply.status), to_string(url), std::move(message)};
}

Message read_answer(const HttpReply& reply, const Url& url, const Registry& registry) {
  auto message = message_in(reply, url, registry);
  if (message) {
    if (const auto* exception = message->find<Exception>()) {
      throw Refusal(Error(kind_of(reply.status), to_string(url), words_of(exception->message())),
                    exception->token());
    }
  }
  const bool redirection = message && message->find<Indirection>() != nullptr;
  if (!is_success(reply.status) && !redirection) throw error_of(reply, url);
  if (!message) {
    throw Error(ErrorKind::Failed, to_string(url),
                "the answer is " + mplane::quoted(reply.content_type) + ", which is no message");
  }
  return *std::move(message);
}

}  // namespace mplane::detail
