#include "client/loopback.hpp"
#include "client/notes.hpp"
#include "client/recording.hpp"
#include "mplane/session/http_client.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"
#include "support/raw_peer.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

const std::string kCallback = R"({"capability":"callback","version":1,"label":"callback",
    "registry":"http://mplane.corvid.ch/registry/loopback","token":"cb","when":"now ... future"})";

std::string envelope(const std::string& contents) {
  return R"({"envelope":"message","version":1,"contents":[)" + contents + "]}";
}

/// Keeps nothing before it is told to.
class Keeper {
 public:
  using Then = ClientListenerOptions::Then;

  ClientListenerOptions::Keep keep() {
    return [this](const std::string&, const Specification&, const Message&, Then then) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(then));
      changed_.notify_all();
    };
  }
  /// What ends the keeping that began first and has not been taken, waiting for it; generous.
  Then next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 10s, [&] { return !waiting_.empty(); })) {
      throw std::runtime_error("nothing is to be kept");
    }
    Then then = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return then;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Then> waiting_;
};

/// A listener on this machine, plain or with the certificate "server".
struct Site {
  explicit Site(ClientListenerOptions options = {}, const TestPki* const pki = nullptr)
      : listener([&] {
          options.registry = registry();
          options.listen = "127.0.0.1:0";
          options.insecure = pki == nullptr;
          if (pki != nullptr) options.tls = TlsContext(pki->issue("server"));
          options.log = log.sink();
          options.watch = [this](const Registration& one, const bool is_offered) {
            offers.add((is_offered ? "+" : "-") + one.capability.label() + "@" + one.component);
          };
          return options;
        }()) {
    listener.start();
  }
  HttpReply post(const std::string& path, const std::string& body, HttpClientOptions options = {}) {
    return HttpClient(listener.url(), std::move(options)).post(path, kMediaType, body);
  }
  HttpReply get(const std::string& path, HttpClientOptions options = {}) {
    return HttpClient(listener.url(), std::move(options)).get(path);
  }

  LogBook log;
  Notes offers;
  ClientListener listener;
};

}  // namespace

TEST_CASE("a component registers, fetches, answers", "[client][listener]") {
  Site site;
  CHECK(site.get("/show/specification").status == 428);
  const auto registered = site.post("/register/capability", envelope(loopback_capability()));
  CHECK(registered.status == 200);
  CHECK(registered.content_type == kMediaType);
  CHECK(registered.body == R"({"test-loopback":{"registered":"ok"}})");
  const auto offers = site.listener.registrations();
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].component == "127.0.0.1");
  CHECK(site.listener.registrations("127.0.0.1").size() == 1);
  CHECK(site.listener.registrations("127.0.0.2").empty());

  Notes notes;
  const auto asked = site.listener.submit("127.0.0.1", ask_for(offers[0].capability), notes.each());
  const auto poll = site.get("/show/specification/");
  CHECK(poll.status == 200);
  CHECK(poll.content_type == kMediaType);
  const auto fetched = decode_as<Envelope>(poll.body, registry());
  REQUIRE(fetched.size() == 1);
  CHECK(fetched.messages()[0] == Message(asked));
  CHECK(fetched.messages()[0].statement()->link() == "");  // without one the old SDK is lost

  CHECK(site.post("/register/result", loopback_message("receipt", asked.token())).status == 200);
  CHECK(site.post("/register/result", loopback_result(asked.token())).status == 200);
  CHECK(notes.wait_for(2) == std::vector<std::string>{"result", "end"});
}

TEST_CASE("a held poll brings work as soon as there is some", "[client][listener]") {
  Site site;
  site.post("/register/capability", envelope(loopback_capability() + "," + kCallback));
  auto poll = std::async(std::launch::async, [&] { return site.get("/show/specification"); });
  CHECK(poll.wait_for(50ms) == std::future_status::timeout);
  Notes notes;
  const auto offers = site.listener.registrations();
  REQUIRE(offers.size() == 1);
  const auto asked = site.listener.submit("127.0.0.1", ask_for(offers[0].capability), notes.each());
  const auto fetched = decode_as<Envelope>(poll.get().body, registry());
  REQUIRE(fetched.size() == 2);
  CHECK(fetched.messages()[0].token() == asked.token());
  CHECK(fetched.messages()[1].label() == "callback");
}

TEST_CASE("a poll is held so long and no longer, registrations end without anybody's doing",
          "[client][listener]") {
  ClientListenerOptions options;
  options.callback.hold = 50ms;
  options.callback.expiry = 100ms;
  Site site(options);
  site.post("/register/capability", envelope(loopback_capability() + "," + kCallback));
  CHECK(decode_as<Envelope>(site.get("/show/specification").body, registry()).size() == 1);
  CHECK(site.offers.wait_for(2) ==
        std::vector<std::string>{"+test-loopback@127.0.0.1", "-test-loopback@127.0.0.1"});
  CHECK(site.get("/show/specification").status == 428);
}

TEST_CASE("a listener that stops answers the polls it holds", "[client][listener]") {
  Site site;
  site.post("/register/capability", envelope(kCallback));
  auto poll = std::async(std::launch::async, [&] { return site.get("/show/specification"); });
  CHECK(poll.wait_for(50ms) == std::future_status::timeout);
  site.listener.stop();
  CHECK(poll.get().status == 200);
  site.listener.stop();
  CHECK(error_of([&] { site.get("/show/specification"); }).kind() == ErrorKind::Unreachable);
}

TEST_CASE("a component is known by its certificate", "[client][listener]") {
  const TestPki pki;
  Site site({}, &pki);
  const HttpClientOptions one{.tls = TlsContext(pki.issue("one"))};
  const HttpClientOptions two{.tls = TlsContext(pki.issue("two"))};
  const std::string name = pki.identity("one").text();
  site.post("/register/capability", envelope(loopback_capability()), one);
  const auto offers = site.listener.registrations();
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].component == name);
  Notes notes;
  const auto asked = site.listener.submit(name, ask_for(offers[0].capability), notes.each());
  CHECK(site.get("/show/specification", two).status == 428);
  CHECK(decode_as<Envelope>(site.get("/show/specification", one).body, registry()).size() == 1);
  CHECK(site.post("/register/result", loopback_result(asked.token()), two).status == 400);
  CHECK(site.post("/register/result", loopback_result(asked.token()), one).status == 200);
  CHECK(notes.wait_for(2) == std::vector<std::string>{"result", "end"});
  CHECK_FALSE(site.log.wait_for("request refused", pki.identity("two").text()).empty());
}

TEST_CASE("what a component sends counts when it was kept", "[client][listener]") {
  Keeper keeper;
  ClientListenerOptions options;
  options.keep = keeper.keep();
  Site site(options);
  site.post("/register/capability", envelope(loopback_capability()));
  const Capability capability = site.listener.registrations().at(0).capability;
  Notes notes;
  const std::string token =
      site.listener.submit("127.0.0.1", ask_for(capability), notes.each()).token();
  const auto send = [&] {
    return std::async(std::launch::async,
                      [&] { return site.post("/register/result", loopback_result(token)).status; });
  };

  auto refused = send();
  const auto fail = keeper.next();
  CHECK(refused.wait_for(50ms) == std::future_status::timeout);
  CHECK(notes.wait_for(0).empty());
  fail(Error(ErrorKind::Invalid, "disk", "is full"));
  CHECK(refused.get() == 503);  // not what the error's kind has: it is not the component's fault
  CHECK_FALSE(site.log.wait_for("cannot be kept", "is full").empty());
  CHECK(notes.wait_for(0).empty());

  auto taken = send();
  keeper.next()({});
  CHECK(taken.get() == 200);
  CHECK(notes.wait_for(2) == std::vector<std::string>{"result", "end"});
}

TEST_CASE("a listener that stops waits for what is being kept", "[client][listener]") {
  Keeper keeper;
  ClientListenerOptions options;
  options.keep = keeper.keep();
  Site site(options);
  site.post("/register/capability", envelope(loopback_capability()));
  const Capability capability = site.listener.registrations().at(0).capability;
  Notes notes;
  const std::string token =
      site.listener.submit("127.0.0.1", ask_for(capability), notes.each()).token();
  auto sender = std::async(std::launch::async, [&] {
    // Whether the answer still gets out is not for us to say.
    try {
      site.post("/register/result", loopback_result(token));
    } catch (const Error&) {
    }
  });
  const auto then = keeper.next();
  auto stopping = std::async(std::launch::async, [&] { site.listener.stop(); });
  CHECK(stopping.wait_for(50ms) == std::future_status::timeout);
  then({});
  stopping.get();
  CHECK(notes.wait_for(2) == std::vector<std::string>{"result", "end"});
  sender.get();
}

TEST_CASE("what is no registration is told so, and spoils nothing", "[client][listener]") {
  Site site;
  CHECK(site.post("/register/capability", "{").status == 400);
  CHECK(site.get("/register/capability").status == 405);
  CHECK(site.get("/").status == 404);
  CHECK(HttpClient(site.listener.url()).post("/register/result", "text/plain", "{}").status == 406);
  CHECK(site.post("/register/result", "{}").status == 400);
  const std::string begin = R"({"capability":"measure","version":1,"when":"now ... future",
      "registry":"http://mplane.corvid.ch/registry/loopback",)";
  const auto mixed =
      site.post("/register/capability",
                envelope(begin + R"("label":"r","results":["nosuch"]},)" + loopback_capability()));
  INFO(mixed.body);
  CHECK(mixed.status == 200);
  CHECK(mixed.body.find(R"("test-loopback":{"registered":"ok"})") != std::string::npos);
  CHECK(mixed.body.find("nosuch") != std::string::npos);
  const auto odd =
      site.post("/register/capability", begin + R"("label":"a \"\\","results":["time"]})");
  INFO(odd.body);
  CHECK(odd.body.find(R"({"a \"\\":{"registered":"no","reason":")") == 0);
  CHECK(site.listener.registrations().size() == 1);
}

TEST_CASE("a HEAD of the specifications takes none", "[client][listener]") {
  Site site;
  site.post("/register/capability", loopback_capability());
  Notes notes;
  site.listener.submit("127.0.0.1", ask_for(site.listener.registrations().at(0).capability),
                       notes.each());
  RawPeer peer(site.listener.url().port());
  peer.send("HEAD /show/specification HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(peer.read_head()) == 200);
  CHECK(decode_as<Envelope>(site.get("/show/specification").body, registry()).size() == 1);
}

TEST_CASE("what old components sent is taken as they meant it", "[client][listener][recorded]") {
  for (const std::string file : {"co_01_register_poll_result", "co_02_tls", "co_05_reregistration",
                                 "co_06_callback", "co_07_repeated"}) {
    Site site;
    std::size_t registrations = 0;
    for (const Exchange& exchange : recorded(file)) {
      if (exchange.path.find("register/capability") == std::string::npos) continue;
      const auto reply = site.post("/register/capability", exchange.request);
      INFO(file << ": " << reply.body);
      // Its withdrawals say values where constraints belong, and cannot be read by anybody.
      const bool is_withdrawal = exchange.request.find("withdrawal") != std::string::npos;
      if (!is_withdrawal) CHECK(reply.status == 200);
      if (!is_withdrawal) CHECK(reply.body.find(R"("registered":"ok")") != std::string::npos);
      ++registrations;
    }
    CHECK(registrations > 0);
    std::vector<std::string> labels;
    for (const Registration& one : site.listener.registrations()) {
      labels.push_back(one.capability.label());
    }
    std::sort(labels.begin(), labels.end());
    CHECK(std::adjacent_find(labels.begin(), labels.end()) == labels.end());
    const auto poll = site.get("/show/specification");
    CHECK(poll.status == 200);
    CHECK(decode_as<Envelope>(poll.body, registry()).size() == 1);  // the callback
  }
}
