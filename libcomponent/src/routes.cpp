#include "routes.hpp"

#include "collectors.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "pages.hpp"
#include "written.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::string_view kCapabilityPath = "/capability/";

/// @param may_pass whether the peer is to ask again soon: what is full or too fast passes, but not
/// what a client has used up.
HttpResponse json_response(std::string json, const int status, const bool may_pass = false) {
  HttpResponse response{
      .status = status, .content_type = std::string(kMediaType), .body = std::move(json)};
  if (may_pass) response.headers.emplace_back("Retry-After", "1");
  return response;
}

HttpResponse message_response(const Message& message) {
  return json_response(encode(message), 200);
}

HttpResponse html_response(std::string page) {
  // Without a charset: clients of the old SDK compare the whole header.
  return {.status = 200, .content_type = "text/html", .body = std::move(page)};
}

int status_of(const std::optional<ErrorKind>& refusal, const SessionOptions& session) {
  if (!refusal || session.exceptions_as_200) return 200;
  return traits(*refusal).http_status;
}

Envelope envelope_of(const std::vector<Capability>& capabilities) {
  Envelope envelope;
  for (const Capability& capability : capabilities) envelope.append(capability);
  return envelope;
}

/// A peer that connects fetches its results itself: what it writes as a link leads nowhere, and a
/// specification with one is of the other workflow (Outbox).
Message without_link(Message message) {
  const auto* const specification = message.find<Specification>();
  if (specification == nullptr || !specification->link()) return message;
  return specification->with_link(std::nullopt);
}

HttpResponse reply_response(const Reply& reply, const SessionOptions& session,
                            const LogSink& sink) {
  Written text = written(reply.message, sink);
  const auto refusal = text.is_whole ? reply.refusal : ErrorKind::Internal;
  const bool may_pass = refusal == ErrorKind::Unavailable && !session.exceptions_as_200;
  return json_response(std::move(text.json), status_of(refusal, session), may_pass);
}

}  // namespace

HttpResponse exception_page(const Error& error) {
  const bool may_pass =
      error.kind() == ErrorKind::TooMany || error.kind() == ErrorKind::Unavailable;
  return json_response(encode(Message(Exception({}, error))), traits(error.kind()).http_status,
                       may_pass);
}

Routes::Routes(Dispatcher& dispatcher, const ComponentOptions& options,
               Collectors* const collectors)
    : dispatcher_(dispatcher),
      collectors_(collectors),
      registry_(options.registry),
      session_(options.session),
      peers_(options.peers),
      log_(options.log),
      refusals_(log_),
      redemptions_(options.redemptions_per_second),
      plans_(options.plans_per_second),
      router_(exception_page) {
  on("GET", "/", &Routes::front);
  on("GET", "/capability", &Routes::capability_list);
  on("GET", "/capabilities", &Routes::capability_envelope);
  on("GET", std::string(kCapabilityPath) + "*", &Routes::capability);
  on("POST", std::string(kPlanPath), &Routes::plan);
  on_post("/");
  on_post(std::string(kSpecificationPath));
}

void Routes::operator()(HttpRequest request, Responder responder) const {
  if (collectors_ == nullptr || request.method != "POST" || !collectors_->has(request.path)) {
    return router_(std::move(request), std::move(responder));
  }
  collect(std::move(request), std::move(responder));
}

/// Where a collector fails the peer is told, and sends all again: what was taken of an envelope is
/// known then.
void Routes::collect(HttpRequest request, Responder responder) const {
  std::optional<Message> message;
  try {
    message = read(request);
  } catch (const Error& error) {
    return responder.send(refusal(request, error));
  }
  request.body = {};
  const auto posted =
      std::make_shared<std::pair<HttpRequest, Responder>>(std::move(request), std::move(responder));
  const HttpRequest& asked = posted->first;
  collectors_->take(
      asked.peer, asked.path, *message,
      gate_.guarded([this, posted](const std::optional<Error>& why) {
        posted->second.send(why ? refusal(posted->first, *why) : json_response("{}", 200));
      }));
}

void Routes::on(std::string method, std::string path, const Answer answer) {
  router_.on(std::move(method), std::move(path),
             [this, answer](const HttpRequest& request, Responder responder) {
               try {
                 responder.send((this->*answer)(request));
               } catch (const Error& error) {
                 responder.send(refusal(request, error));
               }
             });
}

void Routes::on_post(std::string path) {
  router_.on("POST", std::move(path), [this](const HttpRequest& request, Responder responder) {
    post(request, std::move(responder));
  });
}

void Routes::post(const HttpRequest& request, Responder responder) const {
  try {
    const Message message = without_link(read(request));
    if (message.find<Redemption>() != nullptr && !redemptions_.admits(request.peer)) {
      return responder.send(too_many(request, message, redemptions_, "redemptions"));
    }
    const SessionOptions& session = session_with(request.peer);
    // Shared because a std::function has to be copyable; there is one owner at a time.
    const auto answer = std::make_shared<Responder>(std::move(responder));
    dispatcher_.dispatch(request.peer, message, session.immediate,
                         [answer, session, sink = log_](const Reply& reply) {
                           answer->send(reply_response(reply, session, sink));
                         });
  } catch (const Error& error) {
    responder.send(refusal(request, error));
  }
}

/// It looks at all that is planned, so that it has a limit of its own.
HttpResponse Routes::plan(const HttpRequest& request) const {
  const Message message = read(request);
  if (!plans_.admits(request.peer)) return too_many(request, message, plans_, "plans");
  return reply_response(dispatcher_.plan(request.peer, message), session_with(request.peer), log_);
}

HttpResponse Routes::too_many(const HttpRequest& request, const Message& message,
                              const RateLimit& limit, const std::string& of) const {
  const auto number = static_cast<std::uint64_t>(limit.per_second());
  const Error error(ErrorKind::TooMany, "",
                    "more than " + std::to_string(number) + " " + of + " a second, the limit of " +
                        request.peer.text());
  HttpResponse response = refusal(request, error);
  response.body = encode(Message(Exception(message.token(), error)));
  return response;
}

Message Routes::read(const HttpRequest& request) const {
  if (!is_mplane_media_type(request.content_type)) {
    throw Error(ErrorKind::MediaType, "Content-Type",
                mplane::quoted(request.content_type) + " is not " + std::string(kMediaType));
  }
  return decode(request.body, registry_);
}

HttpResponse Routes::front(const HttpRequest& request) const {
  return html_response(
      front_page(request.peer.text(), dispatcher_.capabilities(request.peer).size()));
}

HttpResponse Routes::capability_list(const HttpRequest& request) const {
  if (accepts_mplane_media_type(request.accept)) return capability_envelope(request);
  return html_response(capability_page(dispatcher_.capabilities(request.peer)));
}

HttpResponse Routes::capability_envelope(const HttpRequest& request) const {
  return message_response(envelope_of(dispatcher_.capabilities(request.peer)));
}

HttpResponse Routes::capability(const HttpRequest& request) const {
  std::string_view token = std::string_view(request.path).substr(kCapabilityPath.size());
  if (token.ends_with('/')) token.remove_suffix(1);
  return message_response(dispatcher_.capability(request.peer, token));
}

const SessionOptions& Routes::session_with(const Identity& peer) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const PeerSession& one) {
    return matches(one.identity, peer.text());
  });
  return found == peers_.end() ? session_ : found->session;
}

HttpResponse Routes::Refusals::refuse(const HttpRequest& request, const Error& error,
                                      const SessionOptions& session) {
  counts.add(error.kind());
  complaints.add(request.peer, {traits(error.kind()).severity,
                                "listener",
                                "request refused",
                                {{"peer", request.peer.text()},
                                 {"address", request.remote},
                                 {"request", request.method + " " + request.path},
                                 {"reason", error.what()}}});
  HttpResponse response = exception_page(error);
  response.status = status_of(error.kind(), session);
  return response;
}

}  // namespace mplane::detail
