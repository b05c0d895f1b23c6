// One component that listens, who speaks with it, and a host that is played: what goes wrong
// between them.

#include "caller.hpp"
#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"
#include "mplane/model/json.hpp"
#include "support/log_book.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// A component that answers what is posted to it when it is told to.
class Holding {
 public:
  using Answer = std::function<HttpResponse(const Message&)>;

  explicit Holding(const std::uint16_t port = 0)
      : listener_(
            [&] {
              ListenerOptions options;
              options.insecure = true;
              options.port = port;
              return options;
            }(),
            [this](const HttpRequest& request, Responder responder) {
              serve(request, std::move(responder));
            }) {
    listener_.start();
  }

  std::uint16_t port() const { return listener_.port(); }
  Url url() const {
    return Url::parse("http://127.0.0.1:" + std::to_string(port()) + "/capability");
  }
  /// What it says to who looks.
  void refuse_looks(const bool refuse) {
    const std::lock_guard lock(mutex_);
    refuses_looks_ = refuse;
  }
  /// Answers what it holds, and from now on at once; without an answer, no more.
  void answer(Answer answer) {
    std::vector<Held> held;
    {
      const std::lock_guard lock(mutex_);
      answer_ = answer;
      if (answer) held.swap(held_);
    }
    for (Held& one : held) one.responder->send(answer(one.message));
  }
  /// Answers the newest alone, which has to be there.
  void answer_one(const Answer& answer) {
    std::optional<Held> one;
    {
      const std::lock_guard lock(mutex_);
      one = std::move(held_.back());
      held_.pop_back();
    }
    one->responder->send(answer(one->message));
  }
  /// The kinds of what was posted, waiting for so many; generous.
  std::vector<std::string> said(const std::size_t count = 0) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return said_.size() >= count; });
    return said_;
  }
  /// When each was.
  std::vector<Clock::time_point> times() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }
  /// Whether so many wait for their answers at once some time; generous.
  bool holds(const std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] {
      const auto waits = [](const Held& one) { return !one.gone.stop_requested(); };
      return static_cast<std::size_t>(std::count_if(held_.begin(), held_.end(), waits)) >= count;
    });
  }

 private:
  struct Held {
    Message message;
    std::stop_token gone;
    std::shared_ptr<Responder> responder;
  };

  void serve(const HttpRequest& request, Responder responder) {
    const std::lock_guard lock(mutex_);
    if (request.method == "GET") {
      return responder.send(refuses_looks_ ? HttpResponse{.status = 500}
                                           : mplane_reply("[" + loopback_capability() + "]"));
    }
    const Message message = decode(request.body, registry());
    said_.emplace_back(message.kind());
    times_.push_back(Clock::now());
    if (answer_) {
      responder.send(answer_(message));
    } else {
      held_.push_back({message, request.gone, std::make_shared<Responder>(std::move(responder))});
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool refuses_looks_ = false;
  Answer answer_;
  std::vector<Held> held_;
  std::vector<std::string> said_;
  std::vector<Clock::time_point> times_;
  Listener listener_;
};

HttpResponse with_receipt(const Message& message) {
  return mplane_reply(loopback_message("receipt", message.token()));
}

HttpResponse with_result(const Message& message) {
  return mplane_reply(loopback_result(message.token()));
}

/// A receipt, until it is interrupted.
HttpResponse until_interrupted(const Message& message) {
  return message.find<Interrupt>() == nullptr ? with_receipt(message) : with_result(message);
}

/// Brings what is to be asked, and takes what comes of it.
class Host final : public detail::CallerHost {
 public:
  void offer(const std::string&, const std::string&, const std::vector<Capability>&) override {}
  void await(const std::string&, const std::string&, Asked asked, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    asked_ = std::move(asked);
    changed_.notify_all();
  }
  bool is_asked(const std::string&, const std::string& token) const override {
    const std::lock_guard lock(mutex_);
    return wanted_.find(token) != wanted_.end();
  }
  void take(const std::string&, Message message, Then then) override {
    {
      const std::lock_guard lock(mutex_);
      const auto* const exception = message.find<Exception>();
      took_.push_back(exception == nullptr ? std::string(message.kind()) : exception->message());
      const bool is_last = message.find<Receipt>() == nullptr;
      if (is_last) wanted_.erase(exception == nullptr ? message.token() : *exception->token());
      changed_.notify_all();
    }
    then({});
  }

  /// Asks so many, and says under what tokens, as soon as there is somebody to be asked.
  std::vector<std::string> ask(const std::size_t count) {
    Envelope envelope;
    std::vector<std::string> tokens;
    const Capability capability = decode_as<Capability>(loopback_capability(), registry());
    for (std::size_t i = 0; i < count; ++i) {
      tokens.push_back("t" + std::to_string(i));
      envelope.append(ask_for(capability).with_token(tokens.back()));
    }
    {
      const std::lock_guard lock(mutex_);
      wanted_.insert(tokens.begin(), tokens.end());
    }
    tell(envelope);
    return tokens;
  }
  void interrupt(const std::string& token) {
    Envelope envelope;
    envelope.append(Interrupt::of(token, "measure"));
    tell(envelope);
  }
  /// Nobody wants any but these any more.
  void want_only(std::set<std::string> tokens) {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(tokens);
  }
  /// Whether all has ended, waiting for it; generous.
  bool has_all() const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return wanted_.empty(); });
  }
  /// What came of what was asked, waiting for so many; generous.
  std::vector<std::string> took(const std::size_t count) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return took_.size() >= count; });
    return took_;
  }

 private:
  void tell(const Envelope& envelope) {
    Asked asked;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, 10s, [&] { return asked_ != nullptr; });
      asked = std::exchange(asked_, {});
    }
    if (asked) asked(envelope);
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Asked asked_;
  std::set<std::string> wanted_;
  std::vector<std::string> took_;
};

/// All of them, with answers waited for so long.
struct Rig {
  explicit Rig(const Url& url, const std::chrono::milliseconds answer = 20s)
      : caller(url,
               {[&] {
                  ClientOptions options = plain();
                  options.timeouts.answer = answer;
                  options.log = log.sink();
                  return options;
                }(),
                1h},
               host, pool) {
    caller.start();
  }
  ~Rig() {
    caller.cancel();
    pool.stop();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  /// Waits until it is; generous.
  bool is_out_of_reach() const { return !log.wait_for("a component cannot be reached").empty(); }

  LogBook log;
  Host host;
  detail::TaskPool pool{64};
  detail::Caller caller;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what may have arrived before it was interrupted is sent again, and then interrupted",
          "[client][caller]") {
  Holding component;
  Rig rig(component.url(), 60ms);  // before it is sent again
  const std::string token = rig.host.ask(1).at(0);
  REQUIRE(component.said(1) == Texts{"specification"});
  component.refuse_looks(true);
  REQUIRE(rig.is_out_of_reach());
  rig.host.interrupt(token);
  component.answer(until_interrupted);
  component.refuse_looks(false);
  CHECK(rig.host.has_all());
  CHECK(rig.host.took(1).back() == "result");
  const auto said = component.said();
  CHECK(std::count(said.begin(), said.end(), "interrupt") >= 1);
}

TEST_CASE("what surely did not arrive before it was interrupted is not sent", "[client][caller]") {
  auto component = std::make_unique<Holding>();
  const std::uint16_t port = component->port();
  Rig rig(component->url());
  rig.host.ask(0);  // which it awaits once it is in reach
  component.reset();
  const std::string token = rig.host.ask(1).at(0);
  REQUIRE(rig.is_out_of_reach());
  rig.host.interrupt(token);
  component = std::make_unique<Holding>(port);
  component->answer(with_result);
  CHECK(rig.host.took(1) == Texts{"interrupted before it was asked"});
  CHECK(component->said().empty());
}

TEST_CASE("a component that does not answer in time is asked one thing at a time until it does",
          "[client][caller]") {
  Holding component;
  Rig rig(component.url(), 200ms);
  rig.host.ask(60);
  constexpr std::size_t kLast = detail::Caller::kLines + 5;
  const std::size_t before = component.said(kLast + 1).size();
  REQUIRE(before > kLast);
  const auto times = component.times();
  CHECK(times[kLast] - times[detail::Caller::kLines] >= 600ms);
  component.answer(with_receipt);
  component.said(before + 2);
  component.answer({});
  CHECK(component.holds(2));
}

TEST_CASE("those that wait are not held up by those that nobody waits for", "[client][caller]") {
  Holding component;
  Rig rig(component.url());
  constexpr std::size_t kMany = 400;
  const auto tokens = rig.host.ask(kMany);
  REQUIRE(component.holds(detail::Caller::kLines));
  rig.host.want_only({tokens.back()});
  component.answer(with_result);
  const auto said = component.said(detail::Caller::kLines + 1);
  CHECK(said.size() == detail::Caller::kLines + 1);
  CHECK(rig.host.took(detail::Caller::kLines + 1).size() == detail::Caller::kLines + 1);
}

TEST_CASE("a component that has taken as much as it may is not asked again", "[client][caller]") {
  const auto refusal = [](const std::string& token, const bool says_when) {
    HttpResponse response =
        mplane_reply(R"({"exception":")" + token + R"(","message":"no credits"})", 429);
    if (says_when) response.headers.emplace_back("Retry-After", "1");
    return response;
  };
  Holding component;
  Rig rig(component.url());
  int times = 0;  // on the component's thread
  SECTION("when it says so of what it is asked") {
    component.answer([&](const Message& message) {
      return ++times == 1 ? refusal(message.token(), false) : with_result(message);
    });
    rig.host.ask(1);
    CHECK(rig.host.took(1) == Texts{"no credits"});
  }
  SECTION("but when it says when it would take more") {
    component.answer([&](const Message& message) {
      return ++times == 1 ? refusal(message.token(), true) : with_result(message);
    });
    rig.host.ask(1);
    CHECK(rig.host.took(1) == Texts{"result"});
  }
  SECTION("but when it is about something else") {
    component.answer([&](const Message& message) {
      return ++times == 1 ? refusal("another", false) : with_result(message);
    });
    rig.host.ask(1);
    CHECK(rig.host.took(1) == Texts{"result"});
  }
  SECTION("but when it has taken it, and is asked too often what came of it") {
    component.answer([&](const Message& message) {
      return ++times == 1 ? with_receipt(message)
             : times == 2 ? refusal(message.token(), false)
                          : with_result(message);
    });
    rig.host.ask(1);
    CHECK(rig.host.took(2) == Texts{"receipt", "result"});
  }
}

TEST_CASE("what is asked of one that cannot be reached is looked for in 100 ms, 200 ms, and so on",
          "[client][caller]") {
  Holding component;
  Rig rig(component.url(), 200ms);
  rig.host.ask(1);
  component.said(1);
  component.refuse_looks(true);
  REQUIRE(rig.is_out_of_reach());  // looked at as soon as it did not answer
  component.answer(with_result);
  component.refuse_looks(false);  // though the next look was to be in an hour
  CHECK(rig.host.took(1) == Texts{"result"});
}
