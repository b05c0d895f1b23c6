#include "mplane/session/http.hpp"

#include "mplane/session/router.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

TEST_CASE("our media type is known in any case and with parameters", "[http]") {
  CHECK(is_mplane_media_type("application/x-mplane+json"));
  CHECK(is_mplane_media_type("Application/X-mPlane+JSON; charset=utf-8"));
  CHECK(is_mplane_media_type(" application/x-mplane+json "));
  CHECK_FALSE(is_mplane_media_type("application/json"));
  CHECK_FALSE(is_mplane_media_type("application/x-mplane+jsonx"));
  CHECK_FALSE(is_mplane_media_type(""));
}

TEST_CASE("our media type has to be accepted by name", "[http]") {
  CHECK(accepts_mplane_media_type("application/x-mplane+json"));
  CHECK(accepts_mplane_media_type("text/html, application/x-mplane+json;q=0.5"));
  CHECK_FALSE(accepts_mplane_media_type("*/*"));
  CHECK_FALSE(accepts_mplane_media_type("text/html"));
  CHECK_FALSE(accepts_mplane_media_type(""));
}

/// What a responder's end got: nullopt stands for "unanswered".
struct Outcome {
  std::vector<std::optional<HttpResponse>> answers = {};

  Responder responder() {
    return Responder(
        [this](std::optional<HttpResponse> answer) { answers.push_back(std::move(answer)); });
  }
};

TEST_CASE("a responder answers once: the first answer counts", "[http]") {
  Outcome outcome;
  {
    Responder responder = outcome.responder();
    responder.send({.body = "first"});
    responder.send({.body = "second"});
  }
  REQUIRE(outcome.answers.size() == 1);
  CHECK(outcome.answers[0]->body == "first");
}

TEST_CASE("a responder that ends unanswered says so, wherever it was moved", "[http]") {
  Outcome outcome;
  {
    Responder responder = outcome.responder();
    const Responder other = std::move(responder);
    CHECK(outcome.answers.empty());
  }
  REQUIRE(outcome.answers.size() == 1);
  CHECK_FALSE(outcome.answers[0].has_value());
}

HttpHandler says(const std::string& what) {
  return [what](const HttpRequest&, Responder responder) { responder.send({.body = what}); };
}

HttpResponse route(const Router& router, std::string method, std::string path) {
  Outcome outcome;
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  router(std::move(request), outcome.responder());
  REQUIRE(outcome.answers.size() == 1);
  REQUIRE(outcome.answers[0].has_value());
  return *outcome.answers[0];
}

Router router() {
  Router router;
  router.on("GET", "/", says("root"))
      .on("POST", "/", says("posted"))
      .on("GET", "/capability", says("list"))
      .on("GET", "/capability/*", says("one"))
      .on("GET", "/capability/deep/*", says("deep"))
      .on("POST", "/register/result", says("result"));
  return router;
}

TEST_CASE("a path leads to its handler", "[router]") {
  const auto [path, body] = GENERATE(table<std::string, std::string>({
      {"/", "root"},
      {"/capability", "list"},
      {"/capability/", "list"},
      {"/capability/0123", "one"},
      {"/capability/a/b", "one"},
      {"/capability/deep/x", "deep"},
      {"/capability/deep", "one"},
  }));
  CAPTURE(path);
  CHECK(route(router(), "GET", path).body == body);
  CHECK(route(router(), "HEAD", path).body == body);
}

TEST_CASE("a path that nobody serves is answered 404", "[router]") {
  for (const char* const path :
       {"/x", "/capabilityx", "/x/../", "/Capability", "/register", "*", ""}) {
    CAPTURE(path);
    CHECK(route(router(), "GET", path).status == 404);
  }
}

TEST_CASE("another method is answered 405 and told which are served", "[router]") {
  const HttpResponse response = route(router(), "DELETE", "/");
  CHECK(response.status == 405);
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0] == std::pair<std::string, std::string>("Allow", "GET, HEAD, POST"));
  CHECK(route(router(), "GET", "/register/result/").status == 405);
  CHECK(route(router(), "HEAD", "/register/result").status == 405);
}

}  // namespace
}  // namespace mplane
