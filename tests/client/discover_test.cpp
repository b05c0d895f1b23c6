#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

using Texts = std::vector<std::string>;

/// A peer with a page at each of these paths.
ScriptedPeer::Script pages(std::map<std::string, HttpResponse> pages) {
  return [pages = std::move(pages)](const HttpRequest& request) {
    const auto page = pages.find(request.path);
    return page == pages.end() ? html_reply("not here", 404) : page->second;
  };
}

Texts tokens(const std::vector<Capability>& capabilities) {
  Texts tokens;
  for (const Capability& capability : capabilities) tokens.push_back(capability.token());
  return tokens;
}

std::string capability(const std::string& token) {
  return loopback_capability("\"token\":\"" + token + "\",");
}

std::string with_link(const std::string& token, const std::string& link) {
  return loopback_capability("\"token\":\"" + token + "\",\"link\":\"" + link + "\",");
}

/// Keeps the reasons of warnings.
LogSink warnings_into(Texts& notes) {
  return [&](const LogRecord& record) {
    if (record.severity == Severity::Warning) notes.push_back(record.fields.at(0).second);
  };
}

}  // namespace

TEST_CASE("an envelope, a list and a single capability are discovered", "[client][discover]") {
  const ScriptedPeer peer(pages({
      {"/envelope", mplane_reply(R"({"envelope":"message","version":1,"contents":[)" +
                                 capability("a") + "," + capability("b") + "]}")},
      {"/list", {200, "application/json; charset=utf-8", "[" + capability("c") + "]", {}}},
      {"/one", {200, "Application/X-mPlane+JSON; charset=utf-8", capability("d"), {}}},
      {"/none", mplane_reply(R"({"envelope":"message","version":1,"contents":[]})")},
  }));
  Client client(plain());
  CHECK(tokens(client.discover(peer.url("/envelope"))) == Texts{"a", "b"});
  CHECK(tokens(client.discover(peer.url("/list"))) == Texts{"c"});
  CHECK(tokens(client.discover(peer.url("/one"))) == Texts{"d"});
  CHECK(client.discover(peer.url("/none")).empty());
  CHECK(client.offers().size() == 4);
}

TEST_CASE("pages of links are followed, each once", "[client][discover]") {
  const ScriptedPeer peer(pages({
      {"/", html_reply("<a href='/capability'>Capabilities</a> <a href='/'>home</a>")},
      {"/capability", html_reply("<a href='/capability/a'>a</a><a href=/capability/b#top>b</a>"
                                 "<a href='/capability/a'>a</a><a href='/'>up</a>"
                                 "<a href='mailto:someone'>write</a><a href='#top'>top</a>")},
      {"/capability/a", mplane_reply(capability("a"))},
      {"/capability/b", mplane_reply(capability("b"))},
  }));
  Client client(plain());
  CHECK(tokens(client.discover(peer.url())) == Texts{"a", "b"});
  CHECK(peer.asked() ==
        Texts{"GET /", "GET /capability", "GET /capability/a", "GET /capability/b"});
}

TEST_CASE("one broken page among others is left out, and noted", "[client][discover]") {
  const ScriptedPeer peer(pages({
      {"/", html_reply("<a href=/gone>1</a><a href=/text>2</a><a href=/half>3</a><a href=/a>4</a>"
                       "<a href=/style.css>5</a>")},
      {"/text", {200, "text/plain", "hello", {}}},
      {"/half", mplane_reply("{")},
      {"/a", mplane_reply(capability("a"))},
      {"/style.css", {200, "text/css", "a {}", {}}},
  }));
  Texts notes;
  ClientOptions options = plain();
  options.log = warnings_into(notes);
  Client client(options);
  CHECK(tokens(client.discover(peer.url())) == Texts{"a"});
  REQUIRE(notes.size() == 4);
  CHECK_THAT(notes[0], Catch::Contains("/gone") && Catch::Contains("404"));
  CHECK_THAT(notes[2], Catch::Contains("/half") && Catch::Contains("cannot be read"));
}

TEST_CASE("a linked page that is out of reach is left out, and noted", "[client][discover]") {
  const ScriptedPeer peer(pages({
      {"/", html_reply("<a href='http://127.0.0.1:1/gone'>1</a><a href=/a>2</a>")},
      {"/a", mplane_reply(capability("a"))},
  }));
  Texts notes;
  ClientOptions options = plain();
  options.link_hosts = {"*"};
  options.log = warnings_into(notes);
  Client client(options);
  CHECK(tokens(client.discover(peer.url())) == Texts{"a"});
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Catch::Contains("http://127.0.0.1:1/gone: ") && Catch::Contains("refused"));
}

TEST_CASE("a linked page that is too large ends a discovery", "[client][discover]") {
  const ScriptedPeer peer(pages({
      {"/", html_reply("<a href=/large>1</a><a href=/a>2</a>")},
      {"/large", html_reply(std::string(5000, ' '))},
      {"/a", mplane_reply(capability("a"))},
  }));
  ClientOptions options = plain();
  options.limits.bytes = 4096;
  Client client(options);
  CHECK_THROWS_WITH(client.discover(peer.url()), Catch::Contains("4096 bytes"));
}

TEST_CASE("a capability with an element that we do not know is left out", "[client][discover]") {
  std::string unknown = capability("u");
  unknown.replace(unknown.find("test.output"), 11, "no.such.elem");
  const ScriptedPeer peer(pages({
      {"/", mplane_reply(R"({"envelope":"message","version":1,"contents":[)" + unknown + "," +
                         capability("a") + "]}")},
  }));
  Texts notes;
  ClientOptions options = plain();
  options.log = warnings_into(notes);
  Client client(options);
  CHECK(tokens(client.discover(peer.url())) == Texts{"a"});
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Catch::Contains("no.such.elem"));
}

TEST_CASE("a page that is nothing at all is an error with its address", "[client][discover]") {
  struct Case {
    HttpResponse reply;
    ErrorKind kind;
    std::string words;
  };
  const std::vector<Case> cases{
      {html_reply("nope", 404), ErrorKind::Unknown, "404"},
      {html_reply("nope", 500), ErrorKind::Failed, "500"},
      {{429, "", "", {{"Retry-After", "7"}}}, ErrorKind::TooMany, "after 7"},
      {mplane_reply("{"), ErrorKind::Failed, "cannot be read"},
      {mplane_reply("[1,"), ErrorKind::Failed, "cannot be read"},
      {{200, "text/plain", "hello", {}}, ErrorKind::Failed, "text/plain"},
      {{200, "", capability("a"), {}}, ErrorKind::Failed, "no message"},
      {mplane_reply(loopback_message("specification", "t")), ErrorKind::Failed, "specification"},
      {mplane_reply(R"({"exception":null,"message":"closed\ntoday\u001b[2J"})"), ErrorKind::Failed,
       "closed today [2J"},
      {mplane_reply(R"({"exception":null,"message":"not you"})", 403), ErrorKind::Refused,
       "not you"},
      {mplane_reply(R"({"exception":null,"message":"going"})", 503), ErrorKind::Unavailable,
       "going"},
  };
  for (const auto& [reply, kind, words] : cases) {
    const ScriptedPeer peer([reply = reply](const HttpRequest&) { return reply; });
    Client client(plain());
    const Error error = error_of([&] { client.discover(peer.url("/x")); });
    CAPTURE(error.what());
    CHECK(error.kind() == kind);
    CHECK_THAT(error.where(), Catch::StartsWith(peer.url("/x")));
    CHECK_THAT(error.message(), Catch::Contains(words));
  }
}

TEST_CASE("found again, a capability replaces what it was", "[client][discover]") {
  std::string label = "test-loopback";
  const ScriptedPeer peer([&](const HttpRequest& request) {
    std::string text = capability("a");
    if (request.path == "/new") text.replace(text.find("test-loopback"), 13, "test-renamed");
    if (request.path == "/gone") {
      return mplane_reply(R"({"withdrawal":"measure","version":1,"token":"a"})");
    }
    return mplane_reply(text);
  });
  Client client(plain());
  client.discover(peer.url("/old"));
  REQUIRE(client.find("test-loopback") != nullptr);
  client.discover(peer.url("/new"));
  CHECK(client.find("test-loopback") == nullptr);
  REQUIRE(client.find("a") != nullptr);
  CHECK(client.find("a")->capability.label() == "test-renamed");
  CHECK(client.discover(peer.url("/gone")).empty());
  CHECK(client.offers().empty());
}

TEST_CASE("offers say where their specifications go", "[client][discover]") {
  struct Case {
    std::string link;
    std::string leads_to;  // behind the peer's address, or whole
  };
  const std::vector<Case> cases{
      {"", "/"},
      {"/post", "/post"},
      {"post", "/list/post"},
      {"http://127.0.0.1:9/there", "http://127.0.0.1:9/there"},
      {"mailto:someone", "/"},
  };
  for (const auto& [link, leads_to] : cases) {
    const ScriptedPeer peer(pages({{"/list/all", mplane_reply("[" + with_link("a", link) + "]")}}));
    Client client(plain());
    client.discover(peer.url("/list/all"));
    CAPTURE(link);
    REQUIRE(client.offers().size() == 1);
    const Offer& offer = client.offers()[0];
    CHECK(offer.capability.link() == (leads_to[0] == '/' ? peer.url(leads_to) : leads_to));
    CHECK(to_string(offer.found_at) == peer.url("/list/all"));
    CHECK(offer.peer == Identity());
    CHECK("http://" + name_of_peer(offer.peer, offer.found_at) + "/" == peer.url());
  }
}

TEST_CASE("offers of one kind are found whoever makes them", "[client][discover]") {
  std::string narrow = capability("narrow");
  narrow.replace(narrow.find("\"*\""), 3, "\"hello,world\"");
  std::string other = capability("other");
  other.replace(other.find("\"test.output\""), 13, "\"test.input\"");
  const ScriptedPeer one(pages({{"/", mplane_reply(capability("wide"))}}));
  const ScriptedPeer two(pages({{"/", mplane_reply("[" + narrow + "," + other + "]")}}));
  Client client(plain());
  client.discover(one.url());
  client.discover(two.url());
  const auto kind = decode_as<Capability>(capability("kind"), registry());
  const auto matching = client.matching(kind);
  REQUIRE(matching.size() == 2);
  CHECK(matching[0].capability.token() == "wide");
  CHECK(matching[1].capability.token() == "narrow");
  CHECK(client.matching(decode_as<Capability>(narrow, registry())).size() == 1);
  CHECK(client.forget("wide") == 1);
  CHECK(client.forget("test-loopback") == 2);
  CHECK(client.offers().empty());
}

TEST_CASE("a client has to be told to do without TLS", "[client][discover]") {
  CHECK_THROWS_WITH(Client(ClientOptions{}), Catch::Contains("TLS"));
  Client client(plain());
  CHECK_THROWS_WITH(client.discover("https://127.0.0.1:9/"), Catch::Contains("TLS"));
  CHECK_THROWS_WITH(client.discover("127.0.0.1"), Catch::Contains("127.0.0.1"));
  CHECK(error_of([&] { client.discover("http://127.0.0.1:9/"); }).kind() == ErrorKind::Unreachable);
}
