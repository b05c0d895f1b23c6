// Many components asked together.

#include "mplane/client/fleet.hpp"

#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

using Peers = std::vector<std::unique_ptr<ScriptedPeer>>;

/// Offers test-loopback, and answers what is posted.
ScriptedPeer::Script offering(ScriptedPeer::Script answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.method == "POST") return answer(request);
    return mplane_reply(loopback_capability(R"("token":"cap",)"));
  };
}

HttpResponse echo(const HttpRequest& request) {
  return mplane_reply(loopback_result(token_in(request.body)));
}

/// A receipt; the result when it is asked the second time, or interrupted.
HttpResponse slow(const HttpRequest& request) {
  const Message message = decode(request.body, registry());
  if (message.kind() != "specification") return echo(request);
  return mplane_reply(loopback_message("receipt", message.token()));
}

/// Never more than a receipt until it is interrupted.
HttpResponse endless(const HttpRequest& request) {
  const Message message = decode(request.body, registry());
  if (message.kind() == "interrupt") return echo(request);
  return mplane_reply(loopback_message("receipt", message.token()));
}

std::vector<std::string> urls_of(const Peers& peers) {
  std::vector<std::string> urls;
  for (const auto& peer : peers) urls.push_back(peer->url());
  return urls;
}

/// Discovers at the member's own URL, and asks for what is there.
Fleet::Question ask_all(const std::vector<std::string>& urls, const std::string& when = "now") {
  return [urls, when](const std::size_t i, Client& client, std::stop_token stop) {
    const auto found = client.discover(urls[i], stop);
    return std::optional(client.submit(ask_for(found.at(0), when), stop));
  };
}

std::vector<Fleet::News> all_of(Fleet& fleet) {
  std::vector<Fleet::News> all;
  while (auto news = fleet.next()) all.push_back(*std::move(news));
  return all;
}

std::size_t results_in(const std::vector<Fleet::News>& all) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const auto& news) { return news.result.has_value(); }));
}

}  // namespace

TEST_CASE("every component of a fleet is asked, and each ends once", "[client][fleet]") {
  Peers peers;
  for (int i = 0; i < 20; ++i) {
    peers.push_back(std::make_unique<ScriptedPeer>(offering(i % 2 == 0 ? echo : slow)));
  }
  const auto urls = urls_of(peers);
  Fleet fleet(urls, plain(), 4);
  for (int round = 0; round < 2; ++round) {
    fleet.ask(ask_all(urls));
    const auto all = all_of(fleet);
    CHECK(results_in(all) == 20);
    std::multiset<std::size_t> ended;
    for (const auto& news : all) {
      if (news.ended) ended.insert(news.member);
      CHECK_FALSE(news.failure);
      CHECK(news.component == Url::parse(urls[news.member]).authority());
    }
    CHECK(ended.size() == 20);
    CHECK(std::set(ended.begin(), ended.end()).size() == 20);
    CHECK_FALSE(fleet.next());
    CHECK(fleet.pending(3)->is_done());
  }
}

TEST_CASE("one that fails does not spoil the others", "[client][fleet]") {
  Peers peers;
  peers.push_back(std::make_unique<ScriptedPeer>(offering(echo)));
  peers.push_back(std::make_unique<ScriptedPeer>(offering([](const HttpRequest&) {
    return mplane_reply(R"({"exception":null,"message":"not today"})", 403);
  })));
  auto urls = urls_of(peers);
  urls.emplace_back("http://127.0.0.1:9/");
  Fleet fleet(urls, plain());
  fleet.ask(ask_all(urls));
  std::map<std::size_t, std::string> failures;
  std::size_t results = 0;
  for (const auto& news : all_of(fleet)) {
    if (news.failure) failures[news.member] = news.failure->what();
    if (news.result) ++results;
  }
  CHECK(results == 1);
  REQUIRE(failures.size() == 2);
  CHECK_THAT(failures[1], Catch::Contains("not today"));
  CHECK_THAT(failures[2], Catch::Contains("127.0.0.1:9"));
}

TEST_CASE("a measurement that is waited for takes no thread of the fleet", "[client][fleet]") {
  Peers peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(std::make_unique<ScriptedPeer>(offering(i == 0 ? echo : endless)));
  }
  auto urls = urls_of(peers);
  std::reverse(urls.begin(), urls.end());  // the one that answers is asked last
  Fleet fleet(urls, plain(), 1);
  fleet.ask(ask_all(urls, "now + 1h"));
  const auto first = fleet.next();
  REQUIRE(first);
  CHECK(first->member == 9);
  fleet.interrupt();
  CHECK(results_in(all_of(fleet)) == 9);
}

TEST_CASE("a fleet that is given up ends at once, whatever it waits for", "[client][fleet]") {
  Peers peers;
  for (int i = 0; i < 5; ++i) peers.push_back(std::make_unique<ScriptedPeer>(offering(endless)));
  const auto urls = urls_of(peers);
  Fleet fleet(urls, plain());
  fleet.ask(ask_all(urls, "now + 1h"));
  for (const auto& peer : peers) CHECK(peer->wait_for(2));
  fleet.give_up();
  const auto all = all_of(fleet);
  CHECK(all.size() == 5);
  for (const auto& news : all) {
    CHECK(news.ended);
    CHECK(news.failure);
  }
}

TEST_CASE("what a question throws is that component's failure", "[client][fleet]") {
  Fleet fleet({"http://127.0.0.1:9/", "http://127.0.0.1:10/"}, plain());
  fleet.ask([](const std::size_t i, Client&, const std::stop_token&) -> std::optional<Pending> {
    if (i == 0) throw std::runtime_error("a bug");
    return {};
  });
  for (const auto& news : all_of(fleet)) {
    CHECK(news.ended);
    CHECK(news.failure.has_value() == (news.member == 0));
  }
}

TEST_CASE("a fleet is refused what its clients would be", "[client][fleet]") {
  ClientOptions secure = plain();
  secure.insecure = false;
  CHECK_THROWS_WITH(Fleet({"http://127.0.0.1:9/"}, secure), Catch::Contains("needs TLS"));
  CHECK_THROWS_WITH(Fleet({"http://127.0.0.1:9/"}, plain(), 0), Catch::Contains("0 at a time"));
  CHECK_THROWS_WITH(Fleet({"nowhere"}, plain()), Catch::Contains("nowhere"));
}

TEST_CASE("an offer that another client found is taken up", "[client][fleet]") {
  const ScriptedPeer peer(offering(echo));
  Client finder(plain());
  finder.discover(peer.url());
  Client asker(plain());
  asker.adopt(finder.offers().at(0));
  const Specification spec = ask_for(asker.offers().at(0).capability);
  CHECK(asker.submit(spec).is_done());

  Offer other = finder.offers().at(0);
  other.peer = Identity("org.example.somebody");
  Client distrusting(plain());
  distrusting.adopt(other);
  CHECK_THAT(error_of([&] { distrusting.submit(spec); }).what(),
             Catch::Contains("org.example.somebody"));
}
