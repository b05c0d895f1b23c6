// The shell, its commands piped into it. What a terminal adds is for tests/system/shell_test.py.

#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"
#include "line_editor.hpp"
#include "support/program.hpp"
#include "support/scratch.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

/// Runs the lines in a shell.
Ended shell(const std::string& lines, const std::string& options = "") {
  const ScratchFolder folder;
  const auto script = folder.write("script", lines);
  return run_program({"/bin/sh", "-c", MPLANE_MPCLI " " + options + " < " + script},
                     {"MPLANE_URL=", "MPLANE_TLS_CA=", "MPLANE_TLS_CERT=", "MPLANE_TLS_KEY=",
                      "XDG_CONFIG_HOME=/nowhere"});
}

/// Offers test-loopback and test-narrow; answers what is posted.
ScriptedPeer::Script component(ScriptedPeer::Script answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.path == "/plan") return html_reply("", 404);
    if (request.method == "POST") return answer(request);
    std::string narrow = loopback_capability(R"("token":"narrow01",)");
    narrow.replace(narrow.find("test-loopback"), 13, "test-narrow");
    narrow.replace(narrow.find("\"*\""), 3, "\"hello,world\"");
    return mplane_reply("[" + loopback_capability(R"("token":"wide0001",)") + "," + narrow + "]");
  };
}

HttpResponse echo(const HttpRequest& request) {
  return mplane_reply(loopback_result(token_in(request.body)));
}

HttpResponse busy(const HttpRequest& request) {
  const Message message = decode(request.body, registry());
  if (message.kind() == "interrupt") return echo(request);
  return mplane_reply(loopback_message("receipt", message.token()));
}

void check(const Ended& ended, const int code, const std::string& out, const std::string& err) {
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == code);
  CHECK_THAT(ended.out, Catch::Contains(out));
  CHECK_THAT(ended.err, Catch::Contains(err));
}

}  // namespace

TEST_CASE("the shell finds and shows capabilities", "[mpcli][shell]") {
  const ScriptedPeer peer(component(echo));
  const Ended ended = shell("seturl " + peer.url() + "\ngetcap\nlistcap\nshowcap 2\n");
  check(ended, 0, "ok, 2 capabilities at " + peer.url(), "");
  CHECK_THAT(ended.out, Catch::Contains("1  test-loopback  wide0001") &&
                            Catch::Contains("2  test-narrow") && Catch::Contains("hello,world"));
  check(shell("showcap test-narrow\n", "--url " + peer.url()), 0, "hello,world", "plain HTTP");
  check(shell("explain narrow01\n", "--url " + peer.url()), 0, "one of hello, world", "");
  check(shell("listcap\n"), 0, "", "nothing was found yet");
}

TEST_CASE("the shell measures with defaults, and numbers what it measures", "[mpcli][shell]") {
  const ScriptedPeer peer(component(echo));
  const Ended ended = shell(
      "getcap " + peer.url() +
      "\nset test.input hello world\nwhen now\nshow\nruncap test-loopback\n"
      "runcap wide0001 test.input=two words\nlistmeas\nformat csv\nshowmeas test-loopback-0\n");
  check(ended, 0, "test.input  hello world", "");
  CHECK_THAT(ended.out, Catch::Contains("1  test-loopback-0") &&
                            Catch::Contains("2  test-loopback-1") &&
                            Catch::EndsWith("test.output\nhello\n"));
  const Message first = decode(peer.bodies().at(1), registry());
  CHECK(first.label() == "test-loopback-0");
  CHECK(first.statement()->get<std::string>("test.input") == "hello world");
  const Message second = decode(peer.bodies().at(2), registry());
  CHECK(second.statement()->get<std::string>("test.input") == "two words");
}

TEST_CASE("the shell asks for what is missing until it fits", "[mpcli][shell]") {
  const ScriptedPeer peer(component(echo));
  const Ended ended =
      shell("runcap test-narrow\npast ... now\nnow\nyou\nworld\n", "--url " + peer.url());
  check(ended, 0, "hello", "\"past ... now\" does not follow");
  CHECK_THAT(ended.err, Catch::Contains("\"you\" is not what the capability allows: hello,world"));
  const Message sent = decode(peer.bodies().at(1), registry());
  CHECK(sent.statement()->get<std::string>("test.input") == "world");
  check(shell("runcap test-narrow\nnow\n", "--url " + peer.url()), 0, "", "nothing was sent");
}

TEST_CASE("defaults are set, shown and taken back", "[mpcli][shell]") {
  const Ended ended = shell(
      "set destination.ip4 192.0.2.1\nset destination.ip4 nowhere\nset no.such 1\n"
      "show destination.ip4\nunset destination.ip4\nshow destination.ip4\nunset when\n");
  check(ended, 2, "destination.ip4  192.0.2.1\n", "nowhere");
  CHECK_THAT(ended.err, Catch::Contains("no.such") &&
                            Catch::Contains("\"destination.ip4\" is not set") &&
                            Catch::Contains("\"when\" is not set"));
}

TEST_CASE("the shell stops what goes on, and watches", "[mpcli][shell]") {
  const ScriptedPeer peer(component(busy));
  const Ended ended = shell(
      "when now + 1h\nset test.input hello\nruncap test-loopback\nshowmeas 1\n"
      "stopmeas test-loopback-0\nlistmeas\nforget 1\nshowmeas 1\n",
      "--url " + peer.url());
  check(ended, 3, "ok, test-loopback-0 is measured", "no measurement is called \"1\"");
  CHECK_THAT(ended.out, Catch::Contains("test-loopback-0: under way, 0 results") &&
                            Catch::Contains("test.output\nhello") && Catch::Contains("done"));
  std::atomic<int> asked = 0;
  const ScriptedPeer slow(component(
      [&](const HttpRequest& request) { return ++asked > 2 ? echo(request) : busy(request); }));
  check(shell("set test.input hello\nwhen now + 1h\nruncap 1\nwatch 1\n",
              "--url " + slow.url() + " --format csv"),
        0, "test.output\nhello\n", "");
}

TEST_CASE("the shell plans and begins nothing", "[mpcli][shell]") {
  const ScriptedPeer peer(component(echo));
  const Ended ended = shell("when repeat now + 1d / 1h\nset test.input hello\nplan test-loopback\n",
                            "--url " + peer.url());
  check(ended, 0, "25 runs, of which these are the next 10", "");
  CHECK(peer.asked().size() == 2);  // discovery, and what it foresees
}

TEST_CASE("the shell's errors are sentences, and details if wanted", "[mpcli][shell]") {
  const Ended ended =
      shell("runcpa x\ntbenable\nshowcap x\ntbenable maybe\nhelp runcap\nquit\nx\n");
  check(ended, 2, "runcap CAPABILITY", "did you mean \"runcap\"");
  CHECK_THAT(ended.err, Catch::Contains("mpcli: no capability \"x\" was found") &&
                            Catch::Contains("  exit code: 3") &&
                            !Catch::Contains("\"x\" is no command"));
  for (const std::string command :
       {"seturl", "getcap", "listcap", "showcap", "when", "set", "unset", "show", "runcap",
        "listmeas", "showmeas", "stopmeas", "tbenable", "help", "watch", "explain", "plan"}) {
    CHECK_THAT(shell("help\n").out,
               Catch::Contains("\n" + command + " ") || Catch::StartsWith(command + " "));
  }
}

TEST_CASE("words with a beginning in common are completed so far", "[mpcli][shell]") {
  CHECK(common_prefix({}).empty());
  CHECK(common_prefix({"ping-average-ip4", "ping-average-ip6", "ping-detail-ip4"}) == "ping-");
  CHECK(common_prefix({"same"}) == "same");
  CHECK(common_prefix({"a", "b"}).empty());
}

TEST_CASE("candidates stand side by side as far as there is room", "[mpcli][shell]") {
  CHECK(in_columns({"a", "bb", "c"}, 8) == "a   bb\nc\n");
  CHECK(in_columns({"longer than the window", "b"}, 8) == "longer than the window\nb\n");
  CHECK(in_columns({}, 8).empty());
}
