// What becomes of registrations, polls and results, without a network and at times of our own.

#include "registrations.hpp"

#include "client/loopback.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using detail::Effects;
using detail::Moment;

namespace {

const Instant kToday = Time::parse("2026-11-22 09:00:00").instant();

const std::string kCallback = R"({"capability":"callback","version":1,"label":"callback",
    "registry":"http://mplane.corvid.ch/registry/loopback","token":"cb","when":"now ... future"})";
const std::string kOldCallback = R"({"capability":"measure","version":1,"label":"callback",
    "registry":"http://mplane.corvid.ch/registry/loopback","token":"comp-cb0.6","when":
    "now ... future"})";

Capability loopback() { return decode_as<Capability>(loopback_capability(), registry()); }

/// A table of components with a clock that is moved by hand.
class Desk {
 public:
  explicit Desk(CallbackOptions times = {}, RegistrationLimits limits = {})
      : watch_([this](const Registration& registration, const bool is_offered) {
          told.push_back((is_offered ? "+" : "-") + registration.capability.label() + "@" +
                         registration.component);
        }),
        registrations_(limits, times, watch_) {}

  /// Registers a component: its answers, "label" or "label: why not".
  std::vector<std::string> enroll(const std::string& component,
                                  const std::vector<std::string>& messages) {
    std::vector<Message> decoded;
    for (const std::string& text : messages) decoded.push_back(decode(text, registry()));
    std::vector<std::string> said;
    change([&](Effects& effects) {
      for (const auto& one : registrations_.enroll(component, decoded, now_, effects)) {
        said.push_back(one.label + (one.refusal ? ": " + *one.refusal : ""));
      }
    });
    return said;
  }
  /// What a component offers that we connect to; why some of it is not taken.
  std::vector<std::string> offer(const std::string& component,
                                 const std::vector<Capability>& capabilities) {
    std::vector<std::string> refused;
    change([&](Effects& effects) {
      for (const auto& one : registrations_.offer(component, capabilities, now_, effects)) {
        refused.push_back(one.refusal.value_or(""));
      }
    });
    return refused;
  }
  void note(const std::string& component, ComponentSelf self) {
    registrations_.note(component, std::move(self));
  }
  std::vector<ComponentView> components() const { return registrations_.components(now_.steady); }
  ComponentCounts counts() const { return registrations_.counts(); }
  /// A poll, and whether its peer is still there.
  struct Poll {
    std::stop_source gone = {};
    bool answered = false;
    bool registered = false;
    Envelope envelope = {};
  };
  std::shared_ptr<Poll> poll(const std::string& component) {
    return poll(component, &detail::Registrations::poll);
  }
  /// The same for one that we connect to.
  std::shared_ptr<Poll> await(const std::string& component) {
    return poll(component, &detail::Registrations::await);
  }
  using Ask = void (detail::Registrations::*)(const std::string&, detail::Registrations::AnswerPoll,
                                              std::stop_token, Moment, Effects&);
  std::shared_ptr<Poll> poll(const std::string& component, const Ask ask) {
    auto poll = std::make_shared<Poll>();
    change([&](Effects& effects) {
      (registrations_.*ask)(
          component,
          [poll](const std::optional<Envelope>& envelope) {
            poll->answered = true;
            poll->registered = envelope.has_value();
            if (envelope) poll->envelope = *envelope;
          },
          poll->gone.get_token(), now_, effects);
    });
    return poll;
  }
  /// What a poll brings: "specification token", …
  std::vector<std::string> fetch(const std::string& component) {
    return contents(poll(component)->envelope);
  }
  static std::vector<std::string> contents(const Envelope& envelope) {
    std::vector<std::string> contents;
    for (const Message& message : envelope.messages()) {
      const bool is_callback = message.label() == "callback";
      contents.push_back(is_callback ? "callback " + to_string(message.statement()->when())
                                     : std::string(message.kind()) + " " + message.token());
    }
    return contents;
  }
  /// Asks a component; what comes of it is noted in `answers`: "result", …, "end".
  std::string submit(const std::string& component, const std::string_view when = "now") {
    std::string token;
    change([&](Effects& effects) {
      token = registrations_
                  .submit(
                      component, ask_for(loopback(), when),
                      [this](const std::optional<Message>& message) {
                        answers.push_back(message ? std::string(message->kind()) : "end");
                      },
                      now_, effects)
                  .token();
    });
    return token;
  }
  void send(const std::string& component, const std::string& message) {
    std::optional<Error> refusal;
    change([&](Effects& effects) {
      try {
        registrations_.take(component, decode(message, registry()), now_, effects);
      } catch (const Error& error) {
        refusal = error;
      }
    });
    if (refusal) throw *std::move(refusal);
  }
  void interrupt(const std::string& component, const std::string& token) {
    change(
        [&](Effects& effects) { registrations_.interrupt(component, token, 30s, now_, effects); });
  }
  bool forget(const std::string& component, const std::string& token) {
    return registrations_.forget(component, token);
  }
  void pass(const Duration time) {
    now_.steady += time;
    now_.today += time;
    change([&](Effects& effects) { registrations_.tick(now_, effects); });
  }
  std::vector<std::string> offers() const {
    std::vector<std::string> offers;
    for (const Registration& one : registrations_.all()) {
      offers.push_back(one.capability.label() + "@" + one.component);
    }
    return offers;
  }
  Instant today() const { return now_.today; }
  std::optional<Duration> next_tick() const {
    const auto deadline = registrations_.deadline();
    if (!deadline) return {};
    return std::chrono::floor<Duration>(*deadline - now_.steady);
  }

  std::vector<std::string> told;
  std::vector<std::string> answers;

 private:
  template <typename Act>
  void change(const Act& act) {
    Effects effects;
    act(effects);
    detail::perform(effects);
  }

  ClientListenerOptions::Watch watch_;
  detail::Registrations registrations_;
  Moment now_{std::chrono::steady_clock::time_point(1h), kToday};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what a component registers is offered once, however often it says so",
          "[client][registrations]") {
  Desk desk;
  CHECK(desk.enroll("a", {loopback_capability(), kOldCallback}) ==
        Texts{"test-loopback", "callback"});
  for (int i = 0; i < 1000; ++i) {
    desk.enroll("a", {loopback_capability(R"("token":")" + std::to_string(i) + R"(",)")});
  }
  CHECK(desk.offers() == Texts{"test-loopback@a"});
  desk.told.clear();
  desk.enroll("a", {loopback_capability(R"("token":"999",)"), kOldCallback});
  CHECK(desk.told.empty());
  desk.enroll("b", {loopback_capability()});
  CHECK(desk.offers() == Texts{"test-loopback@a", "test-loopback@b"});
}

TEST_CASE("each capability is answered for itself", "[client][registrations]") {
  Desk desk({}, {.components = 2, .capabilities = 1});
  const std::string other = R"({"capability":"measure","version":1,"label":"other","registry":
      "http://mplane.corvid.ch/registry/loopback","when":"now ... future","results":["time"]})";
  const std::string unnamed = R"({"capability":"measure","version":1,"registry":
      "http://mplane.corvid.ch/registry/loopback","when":"now ... future","results":["time"]})";
  CHECK(
      desk.enroll("a", {unnamed, loopback_capability(), other, loopback_message("receipt", "t")}) ==
      Texts{": the label \"\" is not 1 to 128 letters, digits and any of . _ @ -", "test-loopback",
            "other: a component may register 1 capabilities",
            "test-loopback: a message of kind receipt cannot be registered"});
  desk.enroll("b", {});
  CHECK(error_of([&] { desk.enroll("c", {loopback_capability()}); }).kind() == ErrorKind::TooMany);
  CHECK(desk.offers() == Texts{"test-loopback@a"});
}

TEST_CASE("a withdrawal takes back what it names by label or token", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(R"("token":"x",)")});
  CHECK(desk.enroll("a", {R"({"withdrawal":"measure","version":1,"token":"y"})"}) ==
        Texts{": withdrawn"});
  CHECK(desk.offers().size() == 1);
  desk.enroll("a", {R"({"withdrawal":"measure","version":1,"token":"x"})"});
  CHECK(desk.told == Texts{"+test-loopback@a", "-test-loopback@a"});
  desk.enroll("a", {loopback_capability()});
  desk.enroll("a", {R"({"withdrawal":"measure","version":1,"label":"test-loopback","token":"?"})"});
  CHECK(desk.offers().empty());
  CHECK(desk.poll("a")->registered);
}

TEST_CASE("who is not registered has to register before it polls", "[client][registrations]") {
  Desk desk;
  const auto poll = desk.poll("a");
  CHECK(poll->answered);
  CHECK_FALSE(poll->registered);
  CHECK(error_of([&] { desk.submit("a"); }).kind() == ErrorKind::Unknown);
}

TEST_CASE("a registration ends when nobody renews it, and can be made again",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  for (int i = 0; i < 10; ++i) {
    desk.pass(14s);  // without callback control a component comes every 5 s
    CHECK(desk.poll("a")->registered);
  }
  desk.pass(14s);
  CHECK(desk.offers().size() == 1);
  REQUIRE(desk.next_tick());
  desk.pass(*desk.next_tick());
  CHECK(desk.offers().empty());
  CHECK(desk.told == Texts{"+test-loopback@a", "-test-loopback@a"});
  CHECK_FALSE(desk.next_tick());
  CHECK_FALSE(desk.poll("a")->registered);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.poll("a")->registered);
}

TEST_CASE("specifications are fetched in their order, and results taken",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a").empty());
  const auto first = desk.submit("a");
  const auto second = desk.submit("a");
  CHECK(desk.fetch("a") == Texts{"specification " + first, "specification " + second});
  CHECK(desk.fetch("a").empty());
  desk.send("a", loopback_message("receipt", first));
  CHECK(desk.answers.empty());
  desk.send("a", loopback_result(first));
  CHECK(desk.answers == Texts{"result", "end"});
  desk.send("a", R"({"exception":")" + second + R"(","message":"no luck"})");
  CHECK(desk.answers == Texts{"result", "end", "exception", "end"});
}

TEST_CASE("who registers anew is told again what no scope ends", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto endless = desk.submit("a");
  const auto bounded = desk.submit("a", "now + 1h");
  desk.fetch("a");
  for (const auto& token : {endless, bounded}) desk.send("a", loopback_message("receipt", token));
  CHECK(desk.fetch("a").empty());
  desk.enroll("a", {loopback_capability()});
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"specification " + endless});
  desk.send("a", loopback_message("receipt", endless));
  CHECK(desk.fetch("a").empty());
  desk.interrupt("a", endless);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"interrupt " + endless});
}

TEST_CASE("a result comes before its receipt, twice or late without harm",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  desk.send("a", loopback_result(token));
  desk.send("a", loopback_message("receipt", token));
  desk.send("a", loopback_result(token));
  desk.send("a", R"({"exception":")" + token + R"(","message":"after all"})");
  desk.send("a", loopback_message("receipt", "never-heard-of"));
  desk.send("a", R"({"exception":null,"message":"who knows"})");
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("results are taken from the component that was asked, and nobody else",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  desk.enroll("b", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  for (const std::string thief : {"b", "c"}) {
    CHECK(error_of([&] { desk.send(thief, loopback_result(token)); }).kind() == ErrorKind::Invalid);
  }
  desk.send("b", R"({"exception":")" + token + R"(","message":"give up"})");
  CHECK(desk.fetch("b").empty());
  CHECK(error_of([&] { desk.send("a", loopback_result("invented")); }).kind() ==
        ErrorKind::Invalid);
  std::string other = loopback_result(token);
  other.replace(other.find("test.output"), 11, "test.input");
  CHECK(error_of([&] { desk.send("a", other); }).kind() == ErrorKind::Invalid);
  CHECK(error_of([&] { desk.send("a", loopback_capability()); }).kind() == ErrorKind::Invalid);
  CHECK(desk.answers.empty());
  desk.send("a",
            R"({"envelope":"message","version":1,"contents":[)" + loopback_result(token) + "]}");
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("what is good of an envelope is taken, whatever else is in it",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  const std::string both = R"({"envelope":"message","version":1,"contents":[)" +
                           loopback_result("invented") + "," + loopback_result(token) + "]}";
  CHECK(error_of([&] { desk.send("a", both); }).kind() == ErrorKind::Invalid);
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("runs of a repeated specification are passed on as they come, each once",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a", "repeat now + 10s / 1s");
  desk.fetch("a");
  desk.send("a", loopback_result(token + "-1"));
  desk.send("a", loopback_result(token + "-1"));
  desk.send("a", R"({"envelope":"result","version":1,"token":")" + token + R"(","contents":[)" +
                     loopback_result(token + "-1") + "," + loopback_result(token + "-2") + "," +
                     R"({"exception":")" + token + R"(-3","message":"no reply"})" + "]}");
  CHECK(desk.answers == Texts{"result", "result", "exception"});
  desk.send("a", R"({"exception":")" + token + R"(","message":"over"})");
  CHECK(desk.answers == Texts{"result", "result", "exception", "exception", "end"});
  desk.send("a", loopback_result(token + "-4"));
  CHECK(desk.answers.size() == 5);
}

TEST_CASE("an interrupt ends what waits, and goes to who is at it", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto waiting = desk.submit("a");
  desk.interrupt("a", waiting);
  CHECK(desk.answers == Texts{"end"});
  CHECK(desk.fetch("a").empty());
  const auto fetched = desk.submit("a");
  desk.fetch("a");
  desk.interrupt("a", fetched);
  desk.interrupt("a", fetched);
  CHECK(desk.fetch("a") == Texts{"interrupt " + fetched});
  desk.send("a", loopback_result(fetched));
  CHECK(desk.answers == Texts{"end", "result", "end"});
  desk.interrupt("a", fetched);
  CHECK(desk.fetch("a").empty());
}

TEST_CASE("what was interrupted is not waited for for ever", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  desk.interrupt("a", token);
  desk.pass(29s);
  CHECK(desk.answers.empty());
  desk.pass(1s);
  CHECK(desk.answers == Texts{"end"});
  CHECK_FALSE(desk.next_tick());
}

TEST_CASE("what was forgotten is neither fetched nor answered", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto waiting = desk.submit("a");
  CHECK(desk.forget("a", waiting));
  CHECK(desk.fetch("a").empty());
  const auto fetched = desk.submit("a");
  desk.fetch("a");
  CHECK(desk.forget("a", fetched));
  CHECK_FALSE(desk.forget("a", fetched));
  desk.send("a", loopback_result(fetched));
  CHECK(desk.answers.empty());
}

TEST_CASE("what was fetched and not heard of is handed out again", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto lost = desk.submit("a");
  const auto heard = desk.submit("a");
  desk.fetch("a");
  desk.send("a", loopback_message("receipt", heard));
  desk.pass(10s);
  CHECK(desk.fetch("a").empty());
  desk.pass(10s);
  CHECK(desk.fetch("a") == Texts{"specification " + lost});
}

TEST_CASE("specifications wait for a component that is away", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.pass(1h);
  CHECK(desk.offers().empty());
  CHECK_FALSE(desk.poll("a")->registered);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"specification " + token});
}

TEST_CASE("a component can be asked only so much", "[client][registrations]") {
  Desk desk({}, {.asked = 2});
  desk.enroll("a", {loopback_capability()});
  desk.submit("a");
  desk.submit("a");
  CHECK(error_of([&] { desk.submit("a"); }).kind() == ErrorKind::TooMany);
}

TEST_CASE("the old SDK's component is told a delay, behind everything else",
          "[client][registrations]") {
  Desk desk({.interval = 30s});
  desk.enroll("old", {loopback_capability(), kOldCallback});
  const auto token = desk.submit("old");
  CHECK(desk.fetch("old") == Texts{"specification " + token, "callback now + 30s"});
  desk.pass(89s);
  CHECK(desk.offers().size() == 1);
  desk.pass(2s);
  CHECK(desk.offers().empty());
}

TEST_CASE("a patient component's poll is held until there is work", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(), kCallback});
  const auto poll = desk.poll("a");
  CHECK_FALSE(poll->answered);
  desk.pass(19s);
  CHECK_FALSE(poll->answered);
  const auto token = desk.submit("a");
  REQUIRE(poll->answered);
  CHECK(Desk::contents(poll->envelope) == Texts{"specification " + token, "callback now"});
  CHECK(desk.offers().size() == 1);

  desk.send("a", loopback_message("receipt", token));
  const auto idle = desk.poll("a");
  desk.pass(20s);
  REQUIRE(idle->answered);
  CHECK(Desk::contents(idle->envelope) == Texts{"callback now"});
  desk.pass(9s);
  CHECK(desk.offers().size() == 1);
  desk.pass(1s);
  CHECK(desk.offers().empty());
}

TEST_CASE("a poll that nobody waits for any more takes nothing with it",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(), kCallback});
  const auto lost = desk.poll("a");
  lost->gone.request_stop();
  const auto token = desk.submit("a");
  CHECK_FALSE(lost->answered);
  CHECK(desk.fetch("a") == Texts{"specification " + token, "callback now"});

  const auto before = desk.poll("a");
  const auto anew = desk.poll("a");
  CHECK(before->answered);
  CHECK(before->envelope.empty());
  CHECK_FALSE(anew->answered);
}

TEST_CASE("components are told to come so seldom that all keep the rate",
          "[client][registrations]") {
  Desk desk({.interval = 5s, .hold = 0s, .polls_per_second = 2});
  for (int i = 0; i < 40; ++i) {
    desk.enroll("old-" + std::to_string(i), {loopback_capability(), kOldCallback});
    desk.enroll("new-" + std::to_string(i), {loopback_capability(), kCallback});
  }
  CHECK(desk.fetch("old-7") == Texts{"callback now + 40s"});
  const std::string then = "2026-11-22 09:00:40.000000";
  CHECK(desk.fetch("new-7") == Texts{"callback " + then + " ... " + then});
}

TEST_CASE("what nobody wants any more does not wait for a poll", "[client][registrations]") {
  detail::Errands errands;
  Effects effects;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = "t" + std::to_string(i);
    errands.add(ask_for(loopback()).with_token(token), [](const std::optional<Message>&) {});
    CHECK(errands.has_work());
    if (i % 2 == 0) CHECK(errands.interrupt(token, effects));
    if (i % 2 == 1) CHECK(errands.forget(token));
    CHECK_FALSE(errands.has_work());
  }
  CHECK(errands.empty());

  // Nor does an interrupt of what has ended by itself.
  errands.add(ask_for(loopback()).with_token("fetched"), [](const std::optional<Message>&) {});
  CHECK(errands.fetch({}, {}).size() == 1);
  CHECK(errands.interrupt("fetched", effects));
  CHECK(errands.has_work());
  errands.take(decode(loopback_result("fetched"), registry()), effects);
  CHECK_FALSE(errands.has_work());
}

TEST_CASE("one that we connect to offers what it offered last", "[client][registrations]") {
  Desk desk({.look = 5s});
  CHECK(desk.offer("one", {loopback()}).empty());
  CHECK(desk.offer("one", {loopback()}).empty());
  CHECK(desk.told == std::vector<std::string>{"+test-loopback@one"});
  CHECK(desk.offer("one", {}).empty());
  CHECK(desk.told.back() == "-test-loopback@one");
  CHECK(desk.offer("one", {loopback().with_label("not a label")}).size() == 1);
  CHECK(desk.offers().empty());
}

TEST_CASE("one that we connect to is gone when three looks have failed",
          "[client][registrations]") {
  Desk desk({.look = 5s});
  desk.offer("one", {loopback()});
  desk.pass(14s);
  CHECK_FALSE(desk.offers().empty());
  desk.offer("one", {loopback()});
  desk.pass(14s);
  CHECK_FALSE(desk.offers().empty());
  desk.pass(2s);
  CHECK(desk.offers().empty());
}

TEST_CASE("who registers is not connected to, and the other way round", "[client][registrations]") {
  Desk desk;
  CHECK_FALSE(desk.await("one")->registered);
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  CHECK_FALSE(awaited->answered);
  CHECK_FALSE(desk.poll("one")->registered);  // it has to register before it polls
  desk.enroll("one", {loopback_capability()});
  CHECK(awaited->answered);
  CHECK_FALSE(desk.await("one")->registered);
  CHECK(desk.poll("one")->registered);
  CHECK_THROWS_AS(desk.offer("one", {loopback()}), Error);
  CHECK(desk.offers() == std::vector<std::string>{"test-loopback@one"});
}

TEST_CASE("what one is to be told that we connect to comes at once", "[client][registrations]") {
  Desk desk({.hold = 0s});
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  CHECK_FALSE(awaited->answered);  // however polls are held
  const std::string token = desk.submit("one");
  CHECK(Desk::contents(awaited->envelope) == std::vector<std::string>{"specification " + token});
}

TEST_CASE("components are told as they are seen", "[client][registrations]") {
  Desk desk({.expiry = 1s});
  desk.enroll("one", {loopback_capability()});
  desk.offer("two", {loopback()});
  desk.submit("one");
  desk.note("one", {.version = "0.1.0", .load = 0.5});
  desk.note("nobody", {.version = "0.1.0"});
  desk.pass(2s);
  const auto all = desk.components();
  REQUIRE(all.size() == 2);
  CHECK(all[0].component == "one");
  CHECK(all[0].is_there);
  CHECK_FALSE(all[0].is_called);
  CHECK(all[0].unseen == Duration(2s));
  CHECK(all[0].offers == 1);
  CHECK(all[0].waiting == 1);
  CHECK(all[0].asked == 1);
  CHECK(all[0].self.version == "0.1.0");
  CHECK(all[1].is_called);
  CHECK(desk.counts().registered == 1);
  CHECK(desk.counts().connected == 1);
  CHECK(desk.counts().asked == 1);
  desk.pass(1h);
  CHECK(desk.counts().away == 1);
  CHECK(desk.components().size() == 1);  // the other is forgotten: nothing waits for it
}

TEST_CASE("polls of all together keep a stated rate, and urgent work gets out nevertheless",
          "[client][registrations]") {
  // 50 components that wait for their answers, 10 polls a second in all, none held.
  Desk desk({.hold = 0s, .polls_per_second = 10, .expiry = 60s});
  constexpr int kComponents = 50;
  std::vector<Duration> next(kComponents);  // when each comes back, as it was told
  for (int i = 0; i < kComponents; ++i) {
    desk.enroll("c" + std::to_string(i), {loopback_capability(), kCallback});
  }
  int polls = 0;
  constexpr auto kStep = 100ms;
  constexpr auto kFor = 100s;
  for (Duration now(0); now < kFor; now += kStep) {
    for (int i = 0; i < kComponents; ++i) {
      if (next[static_cast<std::size_t>(i)] > now) continue;
      const auto poll = desk.poll("c" + std::to_string(i));
      REQUIRE(poll->answered);
      ++polls;
      const auto& callback = poll->envelope.messages().back();
      const When& when = callback.statement()->when();
      const Duration delay = when.is_definite() ? when.start().instant() - desk.today() : 0s;
      next[static_cast<std::size_t>(i)] = now + delay;
    }
    desk.pass(kStep);
  }
  // Each comes at once when it has registered; that first round apart the rate is kept.
  CHECK(polls - kComponents <= 1000);
  CHECK(polls >= 900);
}

TEST_CASE("thousands that register again and again are told to watchers once",
          "[client][registrations]") {
  Desk desk;
  constexpr int kComponents = 1000;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < kComponents; ++i) {
      desk.enroll("c" + std::to_string(i), {loopback_capability(R"("token":"t",)"), kCallback});
    }
  }
  CHECK(desk.told.size() == kComponents);
  CHECK(desk.offers().size() == kComponents);
}
