#include "slow_components.hpp"

#include "mplane/model.hpp"

#include <utility>

namespace bench {

using mplane::HttpRequest;
using mplane::HttpResponse;
using mplane::Responder;

SlowComponents::SlowComponents(const mplane::TlsContext& tls,
                               const std::vector<std::chrono::milliseconds>& delays) {
  for (const auto delay : delays) {
    mplane::ListenerOptions options;
    options.tls = tls;
    listeners_.push_back(std::make_unique<mplane::Listener>(
        std::move(options), [this, delay](const HttpRequest& request, Responder responder) {
          serve(request, std::move(responder), delay);
        }));
    listeners_.back()->start();
  }
  timer_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

SlowComponents::~SlowComponents() {
  timer_.request_stop();
  timer_.join();
  for (const auto& listener : listeners_) listener->stop();
}

std::vector<std::uint16_t> SlowComponents::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& listener : listeners_) ports.push_back(listener->port());
  return ports;
}

std::vector<std::string> SlowComponents::urls() const {
  std::vector<std::string> urls;
  for (const auto port : ports()) urls.push_back("https://127.0.0.1:" + std::to_string(port) + "/");
  return urls;
}

void SlowComponents::serve(const HttpRequest& request, Responder responder,
                           const std::chrono::milliseconds delay) {
  HttpResponse response{200, std::string(mplane::kMediaType), {}, {}};
  if (request.method != "POST") {
    response.body = encode(mplane::Capability::measure("load")
                               .when("now ... future")
                               .result("memload")
                               .build(mplane::Registry::core()));
    responder.send(std::move(response));
    return;
  }
  const auto spec =
      mplane::decode_as<mplane::Specification>(request.body, mplane::Registry::core());
  const auto now = std::chrono::time_point_cast<mplane::Duration>(std::chrono::system_clock::now());
  response.body = encode(mplane::Result(spec).measured(now, now).row({{"memload", 0.5}}));
  {
    const std::lock_guard lock(mutex_);
    due_.push({Clock::now() + delay, std::make_shared<Responder>(std::move(responder)),
               std::move(response)});
  }
  changed_.notify_one();
}

void SlowComponents::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (due_.empty()) {
      changed_.wait(lock, stop, [this] { return !due_.empty(); });
    } else if (const auto first = due_.top().at; first > Clock::now()) {
      changed_.wait_until(lock, stop, first, [&] { return due_.top().at < first; });
    } else {
      const Due due = due_.top();
      due_.pop();
      lock.unlock();
      due.responder->send(due.response);
      lock.lock();
    }
  }
}

}  // namespace bench
