// Peers that lie, or never end: each is refused with a sentence, within the limits.

#include "client/loopback.hpp"
#include "client/raw_server.hpp"
#include "client/scripted_peer.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// Offers test-loopback with a link, and answers what is posted.
ScriptedPeer::Script offering(std::string link, ScriptedPeer::Script answer) {
  return [link = std::move(link), answer = std::move(answer)](const HttpRequest& request) {
    if (request.method == "POST") return answer(request);
    return mplane_reply(loopback_capability("\"token\":\"cap\",\"link\":\"" + link + "\","));
  };
}

/// The error of asking a peer that answers so.
Error error_of_asking(const ScriptedPeer::Script& answer, ClientOptions options = plain()) {
  const ScriptedPeer peer(offering("", answer));
  Client client(std::move(options));
  const Specification spec = ask_for(client.discover(peer.url()).at(0));
  return error_of([&] { client.submit(spec).wait_for(10s); });
}

HttpResponse sent_on(const std::string& to) { return {302, "", "", {{"Location", to}}}; }

}  // namespace

TEST_CASE("an answer to another question is refused", "[client][distrust]") {
  std::string foreign = loopback_result("TOKEN");
  foreign.replace(foreign.find("\"test.output\""), 13, "\"test.input\"");
  std::string other_verb = loopback_result("TOKEN");
  other_verb.replace(other_verb.find("measure"), 7, "query");
  struct Case {
    std::string answer;
    std::string words;
  };
  const std::vector<Case> cases{
      {loopback_result("wrong"), "about \"wrong\""},
      {loopback_message("receipt", "wrong"), "about \"wrong\""},
      {foreign, "other parameters or columns"},
      {other_verb, "other parameters or columns"},
      {R"({"envelope":"message","version":1,"token":"wrong","contents":[]})", "about \"wrong\""},
      {R"({"envelope":"message","version":1,"contents":[)" + foreign + "]}",
       "other parameters or columns"},
      {R"({"envelope":"message","version":1,"contents":[)" + loopback_capability() + "]}",
       "kind \"capability\""},
      {loopback_capability(), "kind \"capability\""},
      {loopback_message("specification", "TOKEN"), "kind \"specification\""},
      {"{", "cannot be read"},
      {"[]", "cannot be read"},
      {"", "cannot be read"},
      {R"({"result":"measure","version":2})", "version"},
      {std::string(2'000'000, '['), "cannot be read"},
  };
  for (const auto& [answer, words] : cases) {
    CAPTURE(answer.substr(0, 200));
    const Error error = error_of_asking([answer = answer](const HttpRequest& request) {
      std::string text = answer;
      const auto at = text.find("TOKEN");
      if (at != std::string::npos) text.replace(at, 5, token_in(request.body));
      return mplane_reply(text);
    });
    CHECK(error.kind() == ErrorKind::Failed);
    CHECK_THAT(error.message(), Catch::Contains(words));
  }
}

TEST_CASE("an envelope within envelopes is no result", "[client][distrust]") {
  const Error error = error_of_asking([](const HttpRequest& request) {
    return mplane_reply(R"({"envelope":"message","version":1,"contents":[
        {"envelope":"message","version":1,"contents":[)" +
                        loopback_result(token_in(request.body)) + "]}]}");
  });
  CHECK_THAT(error.message(), Catch::Contains("kind \"envelope\""));
}

TEST_CASE("links do not lead to peers that nobody named", "[client][distrust]") {
  const ScriptedPeer secret([](const HttpRequest&) { return html_reply("the secret"); });
  const ScriptedPeer peer([&](const HttpRequest& request) {
    if (request.path == "/links") return html_reply("<a href='" + secret.url() + "'>x</a>");
    if (request.path == "/moved") return sent_on(secret.url());
    if (request.method == "POST") return sent_on(secret.url("/post"));
    const std::string link = request.path == "/foreign" ? secret.url("/post") : "";
    return mplane_reply(loopback_capability("\"token\":\"" + request.path.substr(1) +
                                            "\",\"link\":\"" + link + "\","));
  });
  Client client(plain());
  CHECK(client.discover(peer.url("/links")).empty());
  CHECK(client.discover(peer.url("/moved")).empty());
  const auto foreign = client.discover(peer.url("/foreign")).at(0);
  const auto refused = [&](const Capability& capability) {
    const Error error = error_of([&] { client.submit(ask_for(capability), capability); });
    CHECK(error.kind() == ErrorKind::Refused);
    CHECK_THAT(error.what(), Catch::Contains(secret.url("/post")));
  };
  refused(foreign);
  refused(client.discover(peer.url("/own")).at(0));
  CHECK(secret.asked().empty());
}

TEST_CASE("links lead to other hosts where that is allowed", "[client][distrust]") {
  const ScriptedPeer other([](const HttpRequest& request) {
    return mplane_reply(loopback_result(token_in(request.body)));
  });
  const ScriptedPeer directory(offering(other.url("/post"), {}));
  for (const char* const host : {"127.0.0.1", "*"}) {
    ClientOptions options = plain();
    options.link_hosts = {"somewhere.else", host};
    Client client(options);
    CHECK(client.submit(ask_for(client.discover(directory.url()).at(0))).is_done());
  }
  CHECK(other.asked() == std::vector<std::string>{"POST /post", "POST /post"});
}

TEST_CASE("a measurement is sent on once, and not again", "[client][distrust]") {
  const ScriptedPeer peer(offering("/first", [](const HttpRequest& request) {
    if (request.path == "/first") return sent_on("/second");
    if (request.path == "/second") {
      return mplane_reply(loopback_message("indirection", "t", "\"link\":\"/third\","), 307);
    }
    return mplane_reply(loopback_result(token_in(request.body)));
  }));
  Client client(plain());
  const auto capability = client.discover(peer.url()).at(0);
  CHECK_THROWS_WITH(client.submit(ask_for(capability)), Catch::Contains("again"));
  const auto second = capability.with_link(peer.url("/second"));
  auto pending = client.submit(ask_for(second), second);
  CHECK(pending.is_done());
  CHECK(to_string(pending.url()) == peer.url("/third"));
}

TEST_CASE("to be sent on to nowhere is an error", "[client][distrust]") {
  for (const char* const location : {"", "mailto:someone", "http://[::1"}) {
    const Error error = error_of_asking([&](const HttpRequest&) { return sent_on(location); });
    CHECK(error.kind() == ErrorKind::Failed);
  }
}

TEST_CASE("pages without end are given up", "[client][distrust]") {
  int page = 0;
  const ScriptedPeer wide([&](const HttpRequest&) {
    std::string html;
    for (int i = 0; i < 100; ++i) html += "<a href='/" + std::to_string(page++) + "'>x</a>";
    return html_reply(html);
  });
  ClientOptions options = plain();
  options.limits.pages = 500;
  const Error error = error_of([&] { Client(options).discover(wide.url()); });
  CHECK(error.kind() == ErrorKind::TooMany);
  CHECK_THAT(error.message(), Catch::Contains("500"));

  const ScriptedPeer deep([&](const HttpRequest&) {
    return html_reply("<a href='/" + std::to_string(page++) + "'>deeper</a>");
  });
  CHECK(Client(options).discover(deep.url()).empty());
  CHECK(deep.asked().size() == 1 + options.limits.depth);

  const ScriptedPeer moving(
      [&](const HttpRequest&) { return sent_on("/" + std::to_string(page++)); });
  CHECK(Client(options).discover(moving.url()).empty());
  CHECK(moving.asked().size() == 1 + options.limits.depth);
}

TEST_CASE("large pages are too much together, too", "[client][distrust]") {
  const ScriptedPeer peer([](const HttpRequest& request) {
    return html_reply("<a href='" + request.path + "1'>x</a>" + std::string(40'000, ' '));
  });
  ClientOptions options = plain();
  options.limits.bytes = 100'000;
  CHECK(error_of([&] { Client(options).discover(peer.url()); }).kind() == ErrorKind::TooLarge);
  CHECK(peer.asked().size() == 3);
}

TEST_CASE("a body of a gigabyte is not read", "[client][distrust]") {
  RawServer peer(RawServer::gigabyte);
  ClientOptions options = plain();
  options.limits.bytes = 1'000'000;
  const Error error = error_of([&] { Client(options).discover(peer.url()); });
  CHECK(error.kind() == ErrorKind::TooLarge);
  CHECK_THAT(error.message(), Catch::Contains("1000000"));
}

TEST_CASE("a peer that never answers is not waited for for ever", "[client][distrust]") {
  RawServer peer(RawServer::silence);
  ClientOptions options = plain();
  options.timeouts.answer = 100ms;
  CHECK(error_of([&] { Client(options).discover(peer.url()); }).kind() == ErrorKind::TimedOut);
}

TEST_CASE("waiting ends in time though the peer is silent", "[client][distrust]") {
  RawServer peer(RawServer::silence);
  ClientOptions options = plain();
  options.timeouts.answer = 1min;
  Client client(options);
  auto pending = client.resume(peer.url(), "t");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(pending.wait_for(200ms));
  CHECK(std::chrono::steady_clock::now() - begin < 30s);
  CHECK_FALSE(pending.is_done());
}

TEST_CASE("a request under way can be stopped", "[client][distrust]") {
  RawServer peer(RawServer::silence);
  Client client(plain());
  std::stop_source stop;
  std::thread stopper([&] {
    peer.wait_for_request();
    stop.request_stop();
  });
  const Error error = error_of([&] { client.discover(peer.url(), stop.get_token()); });
  stopper.join();
  CHECK(error.kind() == ErrorKind::Unavailable);
}

TEST_CASE("a connection that is cut is an error", "[client][distrust]") {
  RawServer cut(RawServer::cut);
  CHECK(error_of([&] { Client(plain()).discover(cut.url()); }).kind() == ErrorKind::Unreachable);
  RawServer rubbish(RawServer::rubbish);
  CHECK(error_of([&] { Client(plain()).discover(rubbish.url()); }).kind() ==
        ErrorKind::Unreachable);
}
