#include "client/scripted_peer.hpp"

#include <chrono>
#include <utility>

namespace mplane::test {

ScriptedPeer::ScriptedPeer(Script script, std::optional<TlsContext> tls, const std::uint16_t port)
    : script_(std::move(script)),
      scheme_(tls ? "https" : "http"),
      listener_(
          [&] {
            ListenerOptions options;
            options.insecure = !tls;
            options.tls = std::move(tls);
            options.port = port;
            return options;
          }(),
          [this](HttpRequest request, Responder responder) {
            serve(std::move(request), std::move(responder));
          }) {
  listener_.start();
}

void ScriptedPeer::serve(HttpRequest request, Responder responder) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  changed_.notify_all();
  responder.send(script_(request));
}

std::string ScriptedPeer::url(const std::string_view path) const {
  return scheme_ + "://127.0.0.1:" + std::to_string(listener_.port()) + std::string(path);
}

std::vector<std::string> ScriptedPeer::asked() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> asked;
  for (const HttpRequest& request : requests_) asked.push_back(request.method + " " + request.path);
  return asked;
}

bool ScriptedPeer::wait_for(const std::size_t requests) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(20),
                           [&] { return requests_.size() >= requests; });
}

std::vector<std::string> ScriptedPeer::bodies() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> bodies;
  for (const HttpRequest& request : requests_) bodies.push_back(request.body);
  return bodies;
}

HttpResponse mplane_reply(std::string body, const int status) {
  return {status, std::string(kMediaType), std::move(body), {}};
}

HttpResponse html_reply(std::string body, const int status) {
  return {status, "text/html", std::move(body), {}};
}

}  // namespace mplane::test
