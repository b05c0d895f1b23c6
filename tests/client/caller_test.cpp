// Components that listen, and that a ClientListener connects to.

#include "client/loopback.hpp"
#include "client/notes.hpp"
#include "client/scripted_peer.hpp"
#include "mplane/session/http_client.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// A component that listens: tells its capabilities, and answers messages by a function.
class Component {
 public:
  using Answer = std::function<HttpResponse(const Message&)>;

  explicit Component(Answer answer, std::optional<TlsContext> tls = {},
                     const std::uint16_t port = 0)
      : answer_(std::move(answer)),
        peer_([this](const HttpRequest& request) { return reply(request); }, std::move(tls), port) {
  }

  Url url() const { return Url::parse(peer_.url("/capability")); }
  std::string name() const { return url().authority(); }
  void offer(std::string capabilities) { change(offers_, mplane_reply(std::move(capabilities))); }
  void refuse(HttpResponse with) { change(offers_, std::move(with)); }
  /// The kinds of what was posted to it.
  std::vector<std::string> said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  /// Waits until it was told that; generous.
  bool was_told(const std::string& kind) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(
        lock, 10s, [&] { return std::find(said_.begin(), said_.end(), kind) != said_.end(); });
  }
  /// When it was looked at, waiting for so many; generous.
  std::vector<Clock::time_point> looks(const std::size_t count = 0) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return looks_.size() >= count; });
    return looks_;
  }

 private:
  template <typename T>
  void change(T& what, T value) {
    const std::lock_guard lock(mutex_);
    what = std::move(value);
  }
  HttpResponse reply(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.method == "GET") {
      looks_.push_back(Clock::now());
      changed_.notify_all();
      return offers_;
    }
    const Message message = decode(request.body, registry());
    said_.emplace_back(message.kind());
    changed_.notify_all();
    return answer_(message);
  }

  const Answer answer_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  HttpResponse offers_ = mplane_reply("[" + loopback_capability() + "]");
  std::vector<std::string> said_;
  std::vector<Clock::time_point> looks_;
  ScriptedPeer peer_;
};

HttpResponse with_result(const Message& asked) {
  return mplane_reply(loopback_result(asked.token()));
}

HttpResponse exception(const std::string& token, const int status) {
  return mplane_reply(R"({"exception":")" + token + R"(","message":"what token?"})", status);
}

/// A listener that connects to them, in a hurry.
struct Site {
  explicit Site(const std::vector<Url>& urls, ClientListenerOptions options = {},
                const TestPki* const pki = nullptr)
      : listener([&] {
          options.registry = registry();
          options.listen = "127.0.0.1:0";
          options.insecure = pki == nullptr;
          if (pki != nullptr) options.tls = TlsContext(pki->issue("server"));
          options.connect = urls;
          options.callback.look = 50ms;
          options.log = log.sink();
          options.watch = [this](const Registration& one, const bool is_offered) {
            offers.add((is_offered ? "+" : "-") + one.capability.label() + "@" + one.component);
          };
          return options;
        }()) {
    listener.start();
  }
  /// Asks the first that is offered.
  Specification ask(Notes& notes, const std::string_view when = "now") {
    offers.wait_for(1);
    const Registration one = listener.registrations().at(0);
    return listener.submit(one.component, ask_for(one.capability, when), notes.each());
  }

  LogBook log;
  Notes offers;
  ClientListener listener;
};

using Texts = std::vector<std::string>;
const std::vector<std::string> kAnswered{"result", "end"};
const std::vector<std::string> kFailed{"exception", "end"};

}  // namespace

TEST_CASE("a component that listens is asked as if it had registered", "[client][caller]") {
  Component component(with_result);
  Site site({component.url()});
  CHECK(site.offers.wait_for(1) == std::vector<std::string>{"+test-loopback@" + component.name()});
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component.said() == std::vector<std::string>{"specification"});
  site.listener.stop();
}

TEST_CASE("what a component that listens gives a receipt for is redeemed", "[client][caller]") {
  int redemptions = 0;
  Component component([&](const Message& message) {
    if (message.find<Specification>() != nullptr || ++redemptions < 3) {
      return mplane_reply(loopback_message("receipt", message.token()));
    }
    return with_result(message);
  });
  Site site({component.url()});
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component.said() ==
        std::vector<std::string>{"specification", "redemption", "redemption", "redemption"});
}

TEST_CASE("what a component that listens offers no longer is gone", "[client][caller]") {
  Component component(with_result);
  Site site({component.url()});
  site.offers.wait_for(1);
  component.offer("[]");
  CHECK(site.offers.wait_for(2).at(1) == "-test-loopback@" + component.name());
  component.offer("[" + loopback_capability() + "]");
  CHECK(site.offers.wait_for(3).at(2) == "+test-loopback@" + component.name());
}

TEST_CASE("a component that is out of reach is gone after a while, and asked when it is back",
          "[client][caller]") {
  Component component(with_result);
  ClientListenerOptions options;
  options.callback.expiry = 300ms;
  Site site({component.url()}, options);
  site.offers.wait_for(1);
  const Registration one = site.listener.registrations().at(0);
  component.refuse({.status = 500});
  CHECK(site.offers.wait_for(2).at(1) == "-test-loopback@" + component.name());
  CHECK_FALSE(site.log.wait_for("a component cannot be reached", component.name()).empty());
  CHECK(error_of([&] {
          site.listener.submit(one.component, ask_for(one.capability), {});
        }).kind() == ErrorKind::Unknown);
  component.offer("[" + loopback_capability() + "]");
  site.offers.wait_for(3);
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
}

TEST_CASE("what a component is asked while it cannot answer is sent again", "[client][caller]") {
  int refusals = 0;
  Component component([&](const Message& message) {
    if (++refusals < 3) return exception(message.token(), 503);
    return with_result(message);
  });
  Site site({component.url()});
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component.said() ==
        std::vector<std::string>{"specification", "specification", "specification"});
}

TEST_CASE("a component that wants to be left alone is", "[client][caller]") {
  Component component(with_result);
  HttpResponse busy{.status = 503};
  busy.headers.emplace_back("Retry-After", "1");
  component.refuse(busy);
  Site site({component.url()});
  const auto looks = component.looks(2);
  REQUIRE(looks.size() >= 2);
  CHECK(looks[1] - looks[0] >= 1s);
}

TEST_CASE("a component that restarted and knows nothing any more has no result",
          "[client][caller]") {
  Component component([](const Message& message) {
    if (message.find<Specification>() == nullptr) return exception(message.token(), 404);
    return mplane_reply(loopback_message("receipt", message.token()));
  });
  Site site({component.url()});
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kFailed);
  CHECK(component.said() == std::vector<std::string>{"specification", "redemption"});
}

TEST_CASE("an interrupt reaches a component that listens", "[client][caller]") {
  Component component([](const Message& message) {
    if (message.find<Interrupt>() != nullptr) return with_result(message);
    return mplane_reply(loopback_message("receipt", message.token()));
  });
  Site site({component.url()});
  Notes notes;
  const Specification asked = site.ask(notes, "now + 1h");
  REQUIRE(component.was_told("specification"));
  CHECK(site.listener.interrupt(component.name(), asked.token()));
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component.was_told("interrupt"));
}

TEST_CASE("answers about something else end what was asked", "[client][caller]") {
  const std::string answer = GENERATE(
      loopback_result("another"), loopback_message("receipt", "another"), loopback_capability(),
      R"({"envelope":"message","version":1,"token":"another","contents":[]})",
      R"({"withdrawal":"measure","version":1,"token":"x"})", std::string("{}"));
  Component component([&](const Message&) { return mplane_reply(answer); });
  Site site({component.url()});
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kFailed);
}

TEST_CASE("a result that could not be kept is asked for again", "[client][caller]") {
  Component component(with_result);
  ClientListenerOptions options;
  int tries = 0;  // of one call at a time: each ends before the next request
  options.keep = [&](const std::string&, const Specification&, const Message&, const auto& then) {
    if (++tries < 3) return then(Error(ErrorKind::Unavailable, "", "the disk is full"));
    then({});
  };
  Site site({component.url()}, options);
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component.said() == std::vector<std::string>{"specification", "redemption", "redemption"});
  site.listener.stop();
  CHECK(tries == 3);
}

TEST_CASE("a component that registers itself is not connected to", "[client][caller]") {
  const TestPki pki;
  Component component(with_result, TlsContext(pki.issue("one")));
  Site site({component.url()}, {}, &pki);
  const std::string name = pki.identity("one").text();
  CHECK(site.offers.wait_for(1) == std::vector<std::string>{"+test-loopback@" + name});
  HttpClient registrant(site.listener.url(), {.tls = TlsContext(pki.issue("one"))});
  registrant.post("/register/capability", kMediaType,
                  R"({"envelope":"message","version":1,"contents":[)" +
                      loopback_capability(R"("token":"mine",)") + "]}");
  CHECK_FALSE(site.log.wait_for("registers itself").empty());
  CHECK(site.listener.registrations().at(0).capability.token() == "mine");
  Notes notes;
  const auto asked = site.ask(notes);
  const auto fetched = decode_as<Envelope>(registrant.get("/show/specification").body, registry());
  REQUIRE(fetched.size() == 1);
  CHECK(fetched.messages()[0].token() == asked.token());
  CHECK(component.said().empty());
}

TEST_CASE("two URLs of one component are told, and one is connected to", "[client][caller]") {
  const TestPki pki;
  Component one(with_result, TlsContext(pki.issue("one")));
  Component same(with_result, TlsContext(pki.issue("one")));
  Site site({one.url(), same.url()}, {}, &pki);
  CHECK_FALSE(site.log.wait_for("connected to at https://127.0.0.1:").empty());
  one.looks(one.looks().size() + 5);
  same.looks(same.looks().size() + 5);
  const auto lines = site.log.lines();
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.find("a component is not taken") != std::string::npos;
        }) == 1);
  CHECK(site.offers.wait_for(1).size() == 1);
  Notes notes;
  site.ask(notes);
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(one.said().size() + same.said().size() == 1);
}

TEST_CASE("what was asked of a component waits while another one is at its URL",
          "[client][caller]") {
  const TestPki pki;
  const auto with_receipt = [](const Message& message) {
    return mplane_reply(loopback_message("receipt", message.token()));
  };
  auto component = std::make_unique<Component>(with_receipt, TlsContext(pki.issue("one")));
  const Url url = component->url();
  Site site({url}, {}, &pki);
  Notes notes;
  site.ask(notes);
  REQUIRE(component->was_told("redemption"));
  component.reset();
  component = std::make_unique<Component>(with_result, TlsContext(pki.issue("two")), url.port());
  const auto offers = site.offers.wait_for(2);
  CHECK(offers.at(1) == "+test-loopback@" + pki.identity("two").text());
  component->looks(5);
  CHECK(component->said().empty());
  component.reset();
  component = std::make_unique<Component>(with_result, TlsContext(pki.issue("one")), url.port());
  CHECK(notes.wait_for(2) == kAnswered);
  CHECK(component->said() == Texts{"redemption"});
}

TEST_CASE("only components that are believed and admitted are connected to", "[client][caller]") {
  const TestPki pki;
  const TestPki foreign("Foreign");
  SECTION("from another authority") {
    Component component(with_result, TlsContext(foreign.issue("one")));
    Site site({component.url()}, {}, &pki);
    CHECK_FALSE(site.log.wait_for("a component cannot be reached").empty());
    CHECK(component.looks().empty());
  }
  SECTION("with a certificate for another host") {
    Component component(with_result,
                        TlsContext(pki.issue_for("one", {"elsewhere.example.org"}, {})));
    Site site({component.url()}, {}, &pki);
    CHECK_FALSE(site.log.wait_for("a component cannot be reached").empty());
    CHECK(component.looks().empty());
  }
  SECTION("with a name that may not register") {
    Component component(with_result, TlsContext(pki.issue("one")));
    ClientListenerOptions options;
    options.components = {"*.two"};
    Site site({component.url()}, options, &pki);
    CHECK_FALSE(site.log.wait_for("none of the components that may register").empty());
    CHECK(site.listener.registrations().empty());
  }
}

TEST_CASE("a URL that does not go with TLS or its absence is refused", "[client][caller]") {
  const TestPki pki;
  ClientListenerOptions options;
  options.listen = "127.0.0.1:0";
  options.connect = {Url::parse("http://127.0.0.1:1/")};
  options.tls = TlsContext(pki.issue("server"));
  CHECK(error_of([&] { const ClientListener listener(options); }).kind() ==
        ErrorKind::Configuration);
  options.connect = {Url::parse("https://127.0.0.1:1/")};
  options.tls.reset();
  options.insecure = true;
  CHECK(error_of([&] { const ClientListener listener(options); }).kind() ==
        ErrorKind::Configuration);
}

TEST_CASE("a hundred measurements of a component that listens are under way at once",
          "[client][caller]") {
  Component component([](const Message& message) {
    if (message.find<Specification>() == nullptr) return with_result(message);
    return mplane_reply(loopback_message("receipt", message.token()));
  });
  Site site({component.url()});
  site.offers.wait_for(1);
  const Registration one = site.listener.registrations().at(0);
  Notes notes;
  for (int i = 0; i < 100; ++i) {
    site.listener.submit(one.component, ask_for(one.capability).with_token(std::to_string(i)),
                         notes.each());
  }
  const auto all = notes.wait_for(200);
  CHECK(std::count(all.begin(), all.end(), "result") == 100);
  CHECK(all.size() == 200);
}
