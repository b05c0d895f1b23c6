#include "routes.hpp"

#include "counter.hpp"
#include "mplane/model/json.hpp"
#include "pages.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kType = "application/x-mplane+json";

HttpRequest request_of(const std::string& method, const std::string& path,
                       const std::string& peer) {
  HttpRequest request;
  request.method = method;
  request.path = path;
  request.peer = Identity(peer);
  request.remote = "192.0.2.1:4711";
  return request;
}

/// Routes before a counter; requests are handed in and answers taken without a network.
struct Desk {
  explicit Desk(SessionOptions session = {.immediate = 0s}, std::vector<PeerSession> peers = {})
      : Desk(ComponentOptions{.session = session, .peers = std::move(peers)}) {}
  explicit Desk(ComponentOptions options)
      : counter(options.scheduler),
        routes(counter.dispatcher, (options.log = counter.log.sink(), options)) {}

  HttpResponse ask(HttpRequest request) {
    std::optional<HttpResponse> answer;
    routes(std::move(request), Responder([&](auto response) { answer = std::move(response); }));
    REQUIRE(answer);
    return *answer;
  }
  HttpResponse get(const std::string& path, const std::string& peer = "alice",
                   const std::string& accept = "") {
    HttpRequest request = request_of("GET", path, peer);
    request.accept = accept;
    return ask(std::move(request));
  }
  HttpResponse post(const std::string& body, const std::string& type = kType,
                    const std::string& path = "/", const std::string& peer = "alice") {
    HttpRequest request = request_of("POST", path, peer);
    request.content_type = type;
    request.body = body;
    return ask(std::move(request));
  }
  std::string specification(const std::string& token = "t") const {
    return encode(counter.specification(token));
  }

  Counter counter;
  detail::Routes routes;
};

Message message_in(const HttpResponse& response) {
  CHECK(response.content_type == kType);
  return decode(response.body, Registry::core());
}

std::vector<std::string> labels_in(const HttpResponse& response) {
  std::vector<std::string> labels;
  const Message message = message_in(response);
  REQUIRE(message.find<Envelope>() != nullptr);
  for (const Message& one : message.find<Envelope>()->messages()) labels.push_back(one.label());
  return labels;
}

/// A statement, in the core registry unless it names one.
std::string with_registry(std::string message) {
  const bool statement = message.find("\"when\"") != std::string::npos;
  if (statement && message.find("\"registry\"") == std::string::npos) {
    message.insert(1, R"("registry": "http://ict-mplane.eu/registry/core", )");
  }
  return message;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("the page for people leads to the capabilities by absolute paths") {
  Desk desk;
  const HttpResponse front = desk.get("/");
  CHECK(front.status == 200);
  CHECK(front.content_type == "text/html");
  CHECK_THAT(front.body, Catch::Contains("<a href='/capability'>"));
  const HttpResponse list = desk.get("/capability");
  CHECK(list.status == 200);
  CHECK(list.content_type == "text/html");
  CHECK_THAT(list.body,
             Catch::Contains("<a href='/capability/" + desk.counter.ping.token() + "'>"));
  const HttpResponse capability = desk.get("/capability/" + desk.counter.ping.token());
  CHECK(capability.status == 200);
  CHECK(message_in(capability) == Message(desk.counter.ping));
}

TEST_CASE("programs get capabilities as an envelope") {
  Desk desk;
  CHECK(labels_in(desk.get("/capabilities")) == Labels{"ping"});
  CHECK(labels_in(desk.get("/capability", "alice", kType)) == Labels{"ping"});
  CHECK(labels_in(desk.get("/capability", "alice", "text/html, application/x-mplane+json;q=0.9")) ==
        Labels{"ping"});
}

TEST_CASE("a peer without a role sees no capability") {
  Desk desk;
  CHECK(labels_in(desk.get("/capabilities", "mallory")).empty());
  CHECK_THAT(desk.get("/capability", "mallory").body, !Catch::Contains("href"));
  const HttpResponse hidden = desk.get("/capability/" + desk.counter.ping.token(), "mallory");
  CHECK(hidden.status == 404);
  CHECK(message_in(hidden).find<Exception>()->message() ==
        "there is no capability with the token \"" + desk.counter.ping.token() + "\"");
  CHECK(desk.counter.log.about("capability not shown").at(0) ==
        "peer=mallory label=ping token=" + desk.counter.ping.token() +
            " reason=\"mallory\" has no role that may use what is asked for");
  CHECK(desk.counter.log.about("request refused")
            .at(0)
            .find("peer=mallory address=192.0.2.1:4711 "
                  "request=GET /capability/") == 0);
}

TEST_CASE("refused requests of one peer do not flood the log") {
  Desk desk;
  constexpr std::size_t kRequests = 1000;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kRequests; ++i) desk.get("/capability/nope", "mallory");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double most = detail::LogThrottle::kBurst + detail::LogThrottle::kPerSecond * took.count();
  CHECK(static_cast<double>(desk.counter.log.about("request refused").size()) <= most);
}

TEST_CASE("what a peer is called is shown as text") {
  Desk desk;
  CHECK_THAT(desk.get("/", "<script>&'\"").body,
             Catch::Contains("&lt;script&gt;&amp;&#39;&quot;") && !Catch::Contains("<script>"));
}

TEST_CASE("a withdrawn capability is shown as its withdrawal") {
  Desk desk;
  desk.counter.dispatcher.withdraw(desk.counter.ping.token());
  CHECK(message_in(desk.get("/capability/" + desk.counter.ping.token())).kind() == "withdrawal");
  CHECK(labels_in(desk.get("/capabilities")).empty());
}

TEST_CASE("messages are taken at both places, whatever the type's parameters") {
  for (const char* const path : {"/", "/specification"}) {
    for (const char* const type : {kType, "application/x-mplane+json; charset=utf-8",
                                   "Application/X-Mplane+JSON;charset=\"utf-8\""}) {
      Desk desk;
      const HttpResponse response = desk.post(desk.specification(), type, path);
      CHECK(response.status == 200);
      CHECK(brief(message_in(response)) == "receipt t");
    }
  }
}

TEST_CASE("each kind of error has its status, and an exception that says what is wrong") {
  struct Row {
    const char* body;
    const char* type;
    int status;
    const char* says;
  };
  const Row rows[] = {
      {"", kType, 400, "JSON"},
      {"{", kType, 400, ""},
      {"[]", kType, 400, ""},
      {"\xff", kType, 400, ""},
      {"{}", kType, 400, ""},
      {R"({"redemption": "measure", "token": "nope"})", kType, 404, "nope"},
      {R"({"interrupt": "measure", "token": "nope"})", kType, 404, "nope"},
      {R"({"exception": "t", "message": "m"})", kType, 400, "kind exception"},
      {"{}", "application/json", 406, "\"application/json\" is not application/x-mplane+json"},
      {"{}", "", 406, "is not application/x-mplane+json"},
      {R"({"specification": "measure", "when": "yesterday"})", kType, 400, "yesterday"},
      {R"({"specification": "measure", "when": "now", "parameters": {"no.such": 1}})", kType, 400,
       "no.such"},
      {R"({"specification": "measure", "when": "now", "parameters": {"source.port": "x"}})", kType,
       400, "source.port"},
      {R"({"specification": "measure", "when": "now", "registry": "http://a.org/b"})", kType, 400,
       "http://a.org/b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body, row.type);
    Desk desk;
    const HttpResponse response = desk.post(with_registry(row.body), row.type);
    CHECK(response.status == row.status);
    const Message message = message_in(response);
    REQUIRE(message.find<Exception>() != nullptr);
    CHECK_THAT(message.find<Exception>()->message(), Catch::Contains(row.says));
    CHECK(desk.counter.runs.starts() == 0);
    CHECK(desk.counter.log.about("request refused").size() +
              desk.counter.log.about("message refused").size() ==
          1);
  }
}

TEST_CASE("a parameter that is missing, or outside its constraint, is named") {
  Desk desk;
  desk.counter.dispatcher.offer({Capability::measure("ping")
                                     .when("now ... future")
                                     .parameter("source.port", "1 ... 9")
                                     .result("time")
                                     .build(Registry::core()),
                                 desk.counter.runs.service()});
  const auto answer = [&](const std::string& parameters) {
    const HttpResponse response =
        desk.post(with_registry(R"({"specification": "measure", "when": "now", "token": "t",
                                    "results": ["time"], "parameters": )" +
                                parameters + "}"));
    CHECK(response.status == 400);
    return brief(message_in(response));
  };
  CHECK_THAT(answer(R"({"source.port": 10})"), Catch::Contains("source.port") &&
                                                   Catch::Contains("10") &&
                                                   Catch::StartsWith("exception t: "));
  CHECK_THAT(answer(R"({"source.port": "*"})"), Catch::Contains("source.port"));
  CHECK_THAT(answer("{}"), Catch::StartsWith("exception "));
}

TEST_CASE("unknown paths and methods are answered with an exception") {
  Desk desk;
  CHECK(desk.get("/nowhere").status == 404);
  CHECK(desk.get("/capability/nope").status == 404);
  CHECK(desk.get("/capability/../x").status == 404);
  const HttpResponse wrong = desk.ask(request_of("DELETE", "/", "alice"));
  CHECK(wrong.status == 405);
  CHECK(message_in(wrong).find<Exception>() != nullptr);
}

TEST_CASE("what would become of a specification is told, so often and no more") {
  Desk desk(ComponentOptions{.plans_per_second = 1});
  const HttpResponse plan = desk.post(desk.specification(), kType, "/plan");
  CHECK(plan.status == 200);
  REQUIRE(message_in(plan).find<Envelope>() != nullptr);
  CHECK(message_in(plan).find<Envelope>()->size() == 1);
  CHECK(desk.counter.runs.starts() == 0);
  CHECK(desk.post(desk.specification(), kType, "/plan", "mallory").status == 403);
  CHECK(desk.post("{}", kType, "/plan").status == 400);
  CHECK(desk.get("/plan").status == 405);
  HttpResponse last = plan;
  for (int i = 0; i < 100 && last.status == 200; ++i) {
    last = desk.post(desk.specification(), kType, "/plan");
  }
  CHECK(last.status == 429);
  CHECK_THAT(brief(message_in(last)), Catch::Contains("more than 1 plans a second"));
}

TEST_CASE("who redeems more often than it may is told the limit, and others are not") {
  Desk desk(ComponentOptions{.redemptions_per_second = 1, .session = {.immediate = 0s}});
  desk.post(desk.specification());
  const std::string redemption = R"({"redemption": "measure", "token": "t"})";
  CHECK(desk.post(redemption).status == 200);
  CHECK(desk.post(redemption).status == 200);
  const HttpResponse refused = desk.post(redemption);
  CHECK(refused.status == 429);
  CHECK(brief(message_in(refused)) ==
        "exception t: more than 1 redemptions a second, the limit of alice");
  CHECK(refused.headers == std::vector<std::pair<std::string, std::string>>{{"Retry-After", "1"}});
  CHECK(desk.post(desk.specification()).status == 200);  // no redemption
  CHECK(desk.post(redemption, kType, "/", "bob").status == 404);
  std::map<ErrorKind, std::uint64_t> refusals;
  desk.routes.refusals().add_to(refusals);
  desk.counter.dispatcher.refusals().add_to(refusals);
  CHECK(refusals ==
        std::map<ErrorKind, std::uint64_t>{{ErrorKind::TooMany, 1}, {ErrorKind::Unknown, 1}});
}

TEST_CASE("who has used up what it may have is not told to come back in a second") {
  Desk desk(ComponentOptions{.scheduler = {.limits = {.jobs_per_owner = 1}},
                             .session = {.immediate = 0s}});
  CHECK(desk.post(desk.specification("one")).status == 200);
  const HttpResponse refused = desk.post(desk.specification("two"));
  CHECK(refused.status == 429);
  CHECK_THAT(brief(message_in(refused)), Catch::Contains("exception two: limits/jobs-per-owner"));
  CHECK(refused.headers.empty());
}

TEST_CASE("JSON that is nested too deep is too large") {
  Desk desk;
  const HttpResponse refused = desk.post(std::string(2000, '['));
  CHECK(refused.status == 413);
  CHECK_THAT(brief(message_in(refused)), Catch::Contains("nested deeper than 1024 levels"));
}

TEST_CASE("clients of the old SDK get exceptions with status 200") {
  const SessionOptions tolerant{.immediate = 0s, .exceptions_as_200 = true};
  Desk desk({.immediate = 0s}, {{"old.*", tolerant}, {"*", {.immediate = 0s}}});
  const std::string unknown = R"({"redemption": "measure", "token": "nope"})";
  CHECK(desk.post(unknown, kType, "/", "old.client").status == 200);
  CHECK(desk.post("{", kType, "/", "old.client").status == 200);
  CHECK(desk.get("/capability/nope", "old.client").status == 200);
  CHECK(desk.post(unknown, kType, "/", "new.client").status == 404);
  Desk all(tolerant);
  CHECK(all.post(unknown).status == 200);
}

TEST_CASE("an answer that is not there yet is sent later, by whoever ends the measurement") {
  Desk desk({.immediate = 5s});
  std::vector<HttpResponse> answers;
  HttpRequest request = request_of("POST", "/", "alice");
  request.content_type = kType;
  request.body = desk.specification();
  desk.routes(std::move(request), Responder([&](auto response) { answers.push_back(*response); }));
  CHECK(answers.empty());
  desk.counter.runs.finish(3);
  REQUIRE(answers.size() == 1);
  CHECK(count_of(message_in(answers[0])) == 3);
}

TEST_CASE("peers may be waited for differently") {
  Desk desk({.immediate = 5s}, {{"alice", {.immediate = 0s}}});
  CHECK(brief(message_in(desk.post(desk.specification()))) == "receipt t");
}
