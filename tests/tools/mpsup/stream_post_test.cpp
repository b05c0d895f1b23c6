#include "mpsup/stream_post.hpp"

#include "mplane/session/listener.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using mplane::detail::StreamPost;

namespace {

/// A web server that takes what is posted, or does not, by a status for each request in turn.
class Server {
 public:
  explicit Server(std::vector<int> statuses = {}) : Server({.insecure = true}, statuses) {}
  explicit Server(const ListenerOptions& options, std::vector<int> statuses = {},
                  std::string answer = "")
      : is_insecure_(options.insecure),
        statuses_(std::move(statuses)),
        listener_(options,
                  [this, answer = std::move(answer)](const HttpRequest& request, Responder to) {
                    to.send({.status = take(request), .body = answer});
                  }) {
    listener_.start();
  }

  Url url() const {
    return Url::parse((is_insecure_ ? "http" : "https") + std::string("://127.0.0.1:") +
                      std::to_string(listener_.port()) + "/in?from=here");
  }
  /// Whether it takes anything.
  void open(const bool is_open) {
    const std::lock_guard lock(mutex_);
    is_open_ = is_open;
  }
  /// All lines that were taken, once there are so many.
  std::string lines(const std::size_t bytes) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 30s, [&] { return taken_.size() >= bytes; });
    return taken_;
  }
  /// Until so many requests have come.
  void wait_for(const std::size_t requests) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 30s, [&] { return heads_.size() >= requests; });
  }
  std::vector<std::string> heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
  }
  std::size_t largest() const {
    const std::lock_guard lock(mutex_);
    return largest_;
  }

 private:
  int take(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    heads_.push_back(request.method + " " + request.path + "?" + request.query + " " +
                     request.content_type + " for " + request.accept + " by " +
                     request.peer.text());
    largest_ = std::max(largest_, request.body.size());
    int status = heads_.size() <= statuses_.size() ? statuses_[heads_.size() - 1] : 200;
    if (!is_open_) status = 500;
    if (status / 100 == 2) taken_ += request.body;
    changed_.notify_all();
    return status;
  }

  const bool is_insecure_;
  const std::vector<int> statuses_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string taken_;
  std::vector<std::string> heads_;
  std::size_t largest_ = 0;  // bytes of a request
  bool is_open_ = true;
  Listener listener_;  // first to go
};

}  // namespace

TEST_CASE("lines are posted to a server, in their order", "[mpsup][stream]") {
  const Server server;
  StreamPost post({.url = server.url()});
  post.write("{\"a\":1}\n");
  CHECK(server.lines(8) == "{\"a\":1}\n");
  post.write("{\"a\":2}\n{\"a\":3}\n");
  post.write("{\"a\":4}\n");
  CHECK(server.lines(32) == "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n");
  CHECK(server.heads().at(0) ==
        "POST /in?from=here application/x-ndjson for */* by " + Identity().text());
}

TEST_CASE("a server may answer at length", "[mpsup][stream]") {
  const Server server({.insecure = true}, {}, std::string(200'000, 'x'));
  LogBook log;
  StreamPost post({.url = server.url(), .log = log.sink()});
  post.write("one\n");
  post.write("two\n");
  CHECK(server.lines(8) == "one\ntwo\n");
  CHECK(server.heads().size() <= 2);
  CHECK(log.lines().empty());
}

TEST_CASE("many lines are posted some at a time, each whole", "[mpsup][stream]") {
  Server server;
  server.open(false);
  LogBook log;
  StreamPost post({.url = server.url(), .pause = 1ms, .longest_pause = 1ms, .log = log.sink()});
  std::string lines = std::string(100'000, 'a') + "\n";
  for (int i = 0; i < 20'000; ++i) lines += "line " + std::to_string(i) + "\n";
  post.write(lines);
  server.wait_for(2);
  server.open(true);
  CHECK(server.lines(lines.size()) == lines);
  CHECK(server.largest() == 100'001);
}

TEST_CASE("a server is shown the certificate that is new", "[mpsup][stream]") {
  const TestPki pki;
  const Server server(ListenerOptions{.tls = TlsContext(pki.issue("web-server"))});
  StreamPost post({.url = server.url(), .tls = TlsContext(pki.issue("supervisor-old"))});
  post.write("one\n");
  CHECK(server.lines(4) == "one\n");
  post.use(TlsContext(pki.issue("supervisor-new")));
  post.write("two\n");
  CHECK(server.lines(8) == "one\ntwo\n");
  CHECK_THAT(server.heads().at(0), Catch::EndsWith(" by " + pki.identity("supervisor-old").text()));
  CHECK_THAT(server.heads().at(1), Catch::EndsWith(" by " + pki.identity("supervisor-new").text()));
}

TEST_CASE("what a server did not get before the end is told", "[mpsup][stream]") {
  LogBook log;
  {
    StreamPost post({.url = Url::parse("http://127.0.0.1:1/"), .pause = 1h, .log = log.sink()});
    post.write("one\n");
    CHECK(log.wait_for("results are not streamed") != "");
    post.write("two\nthree\n");
  }
  CHECK(log.wait_for("the store alone has some", "results=3") != "");
}

TEST_CASE("lines that a server does not take are posted again, before later ones",
          "[mpsup][stream]") {
  const Server server({503, 404, 204});
  LogBook log;
  StreamPost post({.url = server.url(), .pause = 1ms, .log = log.sink()});
  post.write("one\n");
  CHECK(log.wait_for("results are not streamed", "503") != "");
  post.write("two\n");
  CHECK(server.lines(8) == "one\ntwo\n");
  CHECK(log.wait_for("results are streamed again") != "");
}

TEST_CASE("of lines that wait for a server too long the newest are kept", "[mpsup][stream]") {
  LogBook log;
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += "line " + std::to_string(i) + "\n";
  Server server;
  server.open(false);
  StreamPost post({.url = server.url(),
                   .most_waiting = 15,
                   .pause = 1ms,
                   .longest_pause = 1ms,
                   .log = log.sink()});
  post.write("x\n");
  CHECK(log.wait_for("results are not streamed", "500") != "");
  post.write(lines);
  server.wait_for(server.heads().size() + 2);  // what was on its way before is back
  server.open(true);
  CHECK(server.lines(14) == "line 8\nline 9\n");
  CHECK(log.wait_for("the store alone has some", "results=9") != "");
}

TEST_CASE("a stream to a server that is away ends at once", "[mpsup][stream]") {
  LogBook log;
  {
    StreamPost post({.url = Url::parse("http://127.0.0.1:1/"), .pause = 1h, .log = log.sink()});
    post.write("one\n");
    CHECK(log.wait_for("results are not streamed") != "");
  }
  CHECK_THROWS_WITH(StreamPost({.url = Url::parse("https://127.0.0.1:1/")}),
                    Catch::Contains("TLS"));
}
