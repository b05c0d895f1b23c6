#include "mpcom/status_server.hpp"

#include "mplane/session/http_client.hpp"
#include "support/fake_clock.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

/// "200 {"status":"ok"}"
std::string health_at(HttpClient& client) {
  const HttpReply reply = client.get("/health");
  return std::to_string(reply.status) + " " + reply.body;
}

}  // namespace

TEST_CASE("health is 503 with the reasons until all is well") {
  const test::TestPki pki;
  const TlsOptions files = pki.issue("probe");
  test::FakeClock clock(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  CertificateWatch watch(clock, {});
  watch.use(TlsContext(files));
  Component component({.listen = "127.0.0.1:0", .tls = TlsContext(files)});
  const Health health{component, watch, clock};
  std::vector<LogRecord> logged;
  const StatusServer server({"127.0.0.1", 0}, health,
                            [&](const LogRecord& record) { logged.push_back(record); });
  REQUIRE(logged.size() == 1);
  HttpClient client(Url::parse("http://" + logged.front().fields.at(0).second + "/"));

  CHECK(health_at(client) ==
        "503 {\"status\":\"failing\",\"reasons\":[\"peers are not answered\"]}\n");
  component.start();
  CHECK(health_at(client) == "200 {\"status\":\"ok\"}\n");
  clock.advance(24h * 20'000);
  CHECK(health_at(client) == "503 {\"status\":\"failing\",\"reasons\":[\"" + files.ca.string() +
                                 " has ended\",\"" + files.cert.string() + " has ended\"]}\n");
}
