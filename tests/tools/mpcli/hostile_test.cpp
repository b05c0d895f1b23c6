// Components that lie to mpcli: refused with a sentence, in time and in little memory.

#include "client/loopback.hpp"
#include "client/raw_server.hpp"
#include "client/scripted_peer.hpp"
#include "support/program.hpp"
#include "support/sanitizers.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

const std::vector<std::string> kEnvironment{"MPLANE_URL=", "MPLANE_TLS_CA=", "MPLANE_TLS_CERT=",
                                            "MPLANE_TLS_KEY=", "XDG_CONFIG_HOME=/nowhere"};

/// Runs it in 256 MiB of memory (and 1 GiB of addresses, as threads take), where that is possible.
Ended mpcli(const std::string& arguments) {
  const bool can_limit = !kAddressSanitizer && !kThreadSanitizer;
  const std::string limits = can_limit ? "ulimit -v 1048576; ulimit -d 262144; " : "";
  return run_program({"/bin/sh", "-c", limits + "exec " MPLANE_MPCLI " " + arguments},
                     kEnvironment);
}

ScriptedPeer::Script lying(ScriptedPeer::Script answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.method == "POST") return answer(request);
    return mplane_reply(loopback_capability(R"("token":"cap",)"));
  };
}

void check(const Ended& ended, const int code, const std::string& words) {
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == code);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, Catch::Contains("mpcli: ") && Catch::Contains(words));
}

/// Asks the liar, alone and beside another one.
void check_liar(const ScriptedPeer::Script& answer, const std::string& words) {
  const ScriptedPeer liar(lying(answer));
  const ScriptedPeer honest(lying([](const HttpRequest& request) {
    return mplane_reply(loopback_result(token_in(request.body)));
  }));
  const std::string run = "run test-loopback test.input=hello --format csv --url " + liar.url();
  check(mpcli(run), 3, words);
  const Ended both = mpcli(run + " --url " + honest.url());
  CAPTURE(both.err);
  CHECK(both.code == 6);
  CHECK_THAT(both.err, Catch::Contains(words));
  CHECK(both.out == "component,test.output\n" + Url::parse(honest.url()).authority() + ",hello\n");
}

}  // namespace

TEST_CASE("a component that lies is refused with a sentence", "[mpcli][hostile]") {
  check_liar([](const HttpRequest&) { return mplane_reply(loopback_result("wrong")); },
             "about \"wrong\"");
  check_liar(
      [](const HttpRequest& request) {
        std::string foreign = loopback_result(token_in(request.body));
        foreign.replace(foreign.find("\"test.output\""), 13, "\"test.input\"");
        return mplane_reply(foreign);
      },
      "other parameters or columns");
  check_liar(
      [](const HttpRequest&) {
        return HttpResponse{302, "", "", {{"Location", "/"}}};
      },
      "sent on to");
  check_liar(
      [](const HttpRequest&) {
        return HttpResponse{302, "", "", {{"Location", "http://127.0.0.1:9/"}}};
      },
      "nobody allowed to follow it");
}

TEST_CASE("a component that never answers is waited for no longer than said", "[mpcli][hostile]") {
  RawServer silent(&RawServer::silence);
  const auto begin = std::chrono::steady_clock::now();
  check(mpcli("list --timeout 500ms --url " + silent.url()), 4, "no answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a component that answers without end is cut off", "[mpcli][hostile]") {
  RawServer endless(&RawServer::gigabyte);
  check(mpcli("list --url " + endless.url()), 3, "bytes");
}

TEST_CASE("a component that talks nonsense is refused", "[mpcli][hostile]") {
  RawServer rubbish(&RawServer::rubbish);
  check(mpcli("list --url " + rubbish.url()), 5, rubbish.url());
}
