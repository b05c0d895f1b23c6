#include "support/program.hpp"

#include <csignal>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane::test;

TEST_CASE("the example client asks the example probe", "[examples]") {
  Program probe({MPLANE_EXAMPLE_PROBE, "127.0.0.1:0"});
  const std::string line = probe.wait_for_line("http://");
  REQUIRE_FALSE(line.empty());
  const std::string url = line.substr(line.find("http://"));

  const Ended client = run_program({MPLANE_EXAMPLE_CLIENT, url, "127.0.0.1"});
  CAPTURE(client.err);
  CHECK(client.code == 0);
  CHECK_THAT(client.out, Catch::EndsWith(" us\n"));
  CHECK(std::stoul(client.out) < 100'000);

  probe.send(SIGTERM);
  const auto ended = probe.wait();
  REQUIRE(ended);
  CHECK(ended->code == 0);
}

TEST_CASE("the example supervisor asks the example probe for a client", "[examples]") {
  Program supervisor({MPLANE_EXAMPLE_SUPERVISOR, "127.0.0.1:0", "127.0.0.1:0"});
  const auto url_behind = [&](const std::string& words) {
    const std::string line = supervisor.wait_for_line(words);
    REQUIRE_FALSE(line.empty());
    return line.substr(line.find("http://"));
  };
  const std::string clients = url_behind("for clients: ");
  const Ended alone = run_program({MPLANE_EXAMPLE_CLIENT, clients, "127.0.0.1"});
  CHECK_THAT(alone.err, Catch::Contains("no component offers"));

  Program probe({MPLANE_EXAMPLE_PROBE, "127.0.0.1:0", url_behind("for probes: ")});
  REQUIRE_FALSE(probe.wait_for_line("listening at").empty());
  Ended client;
  do {  // until the probe has registered
    client = run_program({MPLANE_EXAMPLE_CLIENT, clients, "127.0.0.1"});
  } while (client.err.find("no component offers") != std::string::npos);
  CAPTURE(client.err);
  CHECK(client.code == 0);
  CHECK_THAT(client.out, Catch::EndsWith(" us\n"));
  supervisor.send(SIGTERM);
  const auto ended = supervisor.wait();
  REQUIRE(ended);
  CHECK(ended->code == 0);
}

TEST_CASE("the example client says what is wrong", "[examples]") {
  const Ended nobody = run_program({MPLANE_EXAMPLE_CLIENT, "http://127.0.0.1:9/", "127.0.0.1"});
  CHECK(nobody.code == 5);
  CHECK_THAT(nobody.err, Catch::Contains("127.0.0.1:9"));
}
