#pragma once

#include "mplane/component/component.hpp"
#include "mplane/component/delivery.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/listener.hpp"
#include "support/fake_clock.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// A supervisor as far as a component meets it: takes registrations, hands out what was queued, and
/// keeps what is posted. It can go down and come back on the same port. Thread-safe.
class FakeSupervisor {
 public:
  explicit FakeSupervisor(std::optional<TlsContext> tls = {}, Registry registry = Registry::core())
      : tls_(std::move(tls)), registry_(std::move(registry)) {
    up();
  }
  ~FakeSupervisor() { down(); }
  FakeSupervisor(const FakeSupervisor&) = delete;
  FakeSupervisor& operator=(const FakeSupervisor&) = delete;

  Url url(const std::string& path = "/") const {
    return Url::parse((tls_ ? "https" : "http") + std::string("://127.0.0.1:") +
                      std::to_string(port_) + path);
  }

  void up() {
    ListenerOptions options;
    options.port = port_;
    options.tls = tls_;
    options.insecure = !tls_;
    options.limits.drain = std::chrono::milliseconds(1);
    listener_.emplace(options, [this](const HttpRequest& request, Responder responder) {
      serve(request, std::move(responder));
    });
    port_ = listener_->port();
    listener_->start();
  }
  /// Goes down, and forgets who had registered; answers that are held are never given.
  void down() {
    listener_.reset();
    const std::lock_guard lock(mutex_);
    held_.clear();
    known_ = false;
  }
  /// Forgets who had registered, and says so at the next poll unless it is of the old kind.
  void forget() {
    const std::lock_guard lock(mutex_);
    known_ = false;
  }

  /// For the next poll.
  void queue(const Message& message) {
    const std::lock_guard lock(mutex_);
    queue_.append(message);
  }
  void queue_text(std::string envelope) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(envelope);
  }
  /// What registrations, and posts to the result path, are answered with from now on.
  void answer_registrations(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    registration_ = {status, std::string(kMediaType), std::move(body), {}};
  }
  void answer_posts(const int status, const std::string& retry_after = {}) {
    const std::lock_guard lock(mutex_);
    post_status_ = status;
    retry_after_ = retry_after;
  }
  /// What posts to this path are answered with, whatever others are.
  void answer_posts_to(const std::string& path, const int status) {
    const std::lock_guard lock(mutex_);
    statuses_[path] = status;
  }
  /// From now on posts are taken, but not answered.
  void hold_posts() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  /// The same of polls.
  void hold_polls() {
    const std::lock_guard lock(mutex_);
    holding_polls_ = true;
  }
  /// Whether a request is held, or will be within ten seconds. Those to come are answered again.
  bool wait_until_held() {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !held_.empty(); });
    holding_ = holding_polls_ = false;
    return came;
  }

  /// Takes what is held.
  void release() {
    std::vector<Responder> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (Responder& one : held) one.send({200, "text/html", "", {}});
  }

  /// The requests so far: "GET /show/specification".
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t polls() const {
    const std::lock_guard lock(mutex_);
    return polls_;
  }
  /// What was in the registrations since the last call: "capability ping", "withdrawal ping".
  std::vector<std::string> registered() {
    const std::lock_guard lock(mutex_);
    return std::exchange(registered_, {});
  }
  /// What was posted, with the path: "/register/result receipt t".
  std::vector<std::string> posted() const {
    const std::lock_guard lock(mutex_);
    return posted_;
  }
  std::vector<Message> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  /// Results and exceptions without those that came again.
  std::vector<Message> outcomes() const {
    Duplicates duplicates;
    std::vector<Message> outcomes;
    for (const Message& message : messages()) {
      if (message.find<Receipt>() != nullptr) continue;
      duplicates.once({}, message, [&] { outcomes.push_back(message); });
    }
    return outcomes;
  }

 private:
  void serve(const HttpRequest& request, Responder responder) {
    std::unique_lock lock(mutex_);
    asked_.push_back(request.method + " " + request.path);
    const bool is_post = request.path != "/register/capability" && request.method == "POST";
    if (is_post && request.content_type == kMediaType) note_post(request);
    const bool is_held_poll = request.path == "/show/specification" && holding_polls_;
    if (is_held_poll || (is_post && holding_)) {
      held_.push_back(std::move(responder));
      changed_.notify_all();
      return;
    }
    HttpResponse response;
    if (request.path == "/register/capability") {
      response = take_registration(request);
    } else if (request.path == "/show/specification") {
      response = hand_out();
    } else {
      response = {is_post ? status_of(request.path) : 404, "text/html", "", {}};
      if (!retry_after_.empty()) response.headers.emplace_back("Retry-After", retry_after_);
    }
    lock.unlock();
    responder.send(std::move(response));
  }

  int status_of(const std::string& path) const {
    const auto found = statuses_.find(path);
    return found == statuses_.end() ? post_status_ : found->second;
  }

  void note_post(const HttpRequest& request) {
    const Message message = decode(request.body, registry_);
    posted_.push_back(request.path + " " + std::string(message.kind()) + " " + message.token());
    if (status_of(request.path) == 200 || holding_) messages_.push_back(message);
  }

  HttpResponse take_registration(const HttpRequest& request) {
    std::string answer;
    const Message envelope = decode(request.body, registry_);
    for (const Message& one : envelope.find<Envelope>()->messages()) {
      registered_.push_back(std::string(one.kind()) + " " + one.label());
      const bool offered = one.find<Capability>() != nullptr;
      answer +=
          (answer.empty() ? "" : ",") + ("\"" + one.label()) +
          (offered ? R"(":{"registered":"ok"})" : R"(":{"registered":"no","reason":"Withdrawn"})");
    }
    if (registration_) return *registration_;
    known_ = true;
    return {200, std::string(kMediaType), "{" + answer + "}", {}};
  }

  HttpResponse hand_out() {
    ++polls_;
    if (!known_) return {428, "text/plain", "not registered", {}};
    const std::string body = text_.empty() ? encode(std::exchange(queue_, {})) : std::move(text_);
    text_.clear();
    return {200, std::string(kMediaType), body, {}};
  }

  const std::optional<TlsContext> tls_;
  const Registry registry_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool known_ = false;
  bool holding_ = false;
  bool holding_polls_ = false;
  int post_status_ = 200;
  std::string retry_after_;
  std::map<std::string, int> statuses_;
  Envelope queue_;
  std::string text_;
  std::optional<HttpResponse> registration_;
  std::vector<Responder> held_;
  std::vector<std::string> asked_;
  std::size_t polls_ = 0;
  std::vector<std::string> registered_;
  std::vector<std::string> posted_;
  std::vector<Message> messages_;
  std::optional<Listener> listener_;
};

}  // namespace mplane::test
