#include "peers.hpp"

#include "answer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/detail/asked_pause.hpp"

#include <algorithm>
#include <optional>

namespace mplane::detail {
namespace {

std::string origin_of(const Url& url) { return url.scheme() + "://" + url.authority(); }

HttpClientOptions http_options(const ClientOptions& options) {
  HttpClientOptions http;
  http.tls = options.tls;
  http.connect = options.timeouts.connect;
  http.read = options.timeouts.answer;
  http.write = options.timeouts.answer;
  http.body_bytes = options.limits.bytes;
  return http;
}

bool is_redirection(const HttpReply& reply) { return reply.status >= 300 && reply.status < 400; }

/// Where an answer sends us on to; nothing if it does not. Its words, or those of HTTP.
std::optional<Url> sent_on_to(const std::optional<Message>& message, const HttpReply& reply,
                              const Url& from) {
  const auto* const indirection = message ? message->find<Indirection>() : nullptr;
  if (indirection == nullptr && !is_redirection(reply)) return {};
  const std::string link =
      indirection != nullptr ? indirection->link().value_or("") : reply.location;
  try {
    if (!link.empty()) return from.resolve(link);
  } catch (const Error&) {  // said below
  }
  throw Error(ErrorKind::Failed, to_string(from), "sends us on to " + mplane::quoted(link));
}

}  // namespace

void Peers::believe(const Url& url) { believed_.insert(origin_of(url)); }

bool Peers::believes(const Url& url) const {
  if (!url.is_secure() && !options_.insecure) return false;
  const auto is_allowed = [&](const std::string& host) {
    return host == "*" || host == url.host();
  };
  return believed_.contains(origin_of(url)) ||
         std::any_of(options_.link_hosts.begin(), options_.link_hosts.end(), is_allowed);
}

Peer& Peers::at(const Url& url) {
  if (!url.is_secure() && !options_.insecure) {
    throw Error(ErrorKind::Configuration, to_string(url),
                "plain HTTP is not allowed, as nothing protects it");
  }
  if (!believes(url)) {
    throw Error(ErrorKind::Refused, to_string(url),
                "a link leads to this peer, and nobody allowed to follow it there");
  }
  std::unique_ptr<Peer>& peer = by_origin_[origin_of(url)];
  if (!peer) peer = std::make_unique<Peer>(url, http_options(options_));
  return *peer;
}

void Peers::note(const std::string_view method, const Url& url, const HttpReply& reply) const {
  log(options_.log, {Severity::Debug,
                     "client",
                     std::string(method) + " " + to_string(url),
                     {{"status", std::to_string(reply.status)},
                      {"bytes", std::to_string(reply.body.size())},
                      {"peer", reply.peer.text()}}});
}

HttpReply Peers::get(const Url& page, const Until& until) {
  asked_pause_ = Duration(0);
  HttpReply reply = at(page).get(page, until);
  asked_pause_ = detail::asked_pause(reply.retry_after);
  note("GET", page, reply);
  return reply;
}

Peers::Answer Peers::ask(const Url& to, const Message& message, const Until& until) {
  const std::string body = encode(message, {.token_only = true});
  Url url = to;
  for (bool sent_on = false;; sent_on = true) {
    asked_pause_ = Duration(0);
    asked_ = nullptr;
    Peer& peer = at(url);
    asked_ = &peer;
    HttpReply reply = peer.post(url, body, until);
    asked_pause_ = detail::asked_pause(reply.retry_after);
    note("POST", url, reply);
    std::optional<Message> answer;
    if (!is_redirection(reply) || has_messages(reply)) {
      answer = read_answer(reply, url, options_.registry);
    }
    auto next = sent_on_to(answer, reply, url);
    if (!next) return {*std::move(answer), url, std::move(reply.peer)};
    if (sent_on) {
      throw Error(ErrorKind::Failed, to_string(url),
                  "we were sent here, and are sent on to " + to_string(*next) + " again");
    }
    url = *std::move(next);
  }
}

}  // namespace mplane::detail
