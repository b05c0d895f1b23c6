// The program from outside: what it prints, and how it exits.

#include "support/program.hpp"

#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"
#include "golden.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

using Texts = std::vector<std::string>;

Texts command(Texts arguments) {
  arguments.insert(arguments.begin(), MPLANE_MPCLI);
  return arguments;
}

/// Runs it, with none of our variables but those given.
Ended mpcli(Texts arguments, Texts environment = {}) {
  environment.insert(environment.end(), {"MPLANE_URL=", "MPLANE_TLS_CA=", "MPLANE_TLS_CERT=",
                                         "MPLANE_TLS_KEY=", "XDG_CONFIG_HOME=/nowhere"});
  return run_program(command(std::move(arguments)), environment);
}

/// Offers test-loopback and, with constraints, test-narrow; answers what is posted.
ScriptedPeer::Script component(ScriptedPeer::Script answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.path == "/plan") return html_reply("", 404);
    if (request.method == "POST") return answer(request);
    std::string narrow = loopback_capability(R"("token":"narrow",)");
    narrow.replace(narrow.find("test-loopback"), 13, "test-narrow");
    narrow.replace(narrow.find("\"*\""), 3, "\"hello,world\"");
    return mplane_reply("[" + loopback_capability(R"("token":"wide",)") + "," + narrow + "]");
  };
}

/// Answers with the result of whatever it is asked.
HttpResponse echo(const HttpRequest& request) {
  return mplane_reply(loopback_result(token_in(request.body)));
}

/// Answers a specification and redemptions with a receipt, an interrupt with the result.
HttpResponse busy(const HttpRequest& request) {
  const Message message = decode(request.body, registry());
  if (message.kind() == "interrupt") return echo(request);
  return mplane_reply(loopback_message("receipt", message.token()));
}

HttpResponse exception(const std::string& words, const int status) {
  return mplane_reply(R"({"exception":null,"message":")" + words + "\"}", status);
}

/// Waits until it was sent an interrupt.
bool was_interrupted(ScriptedPeer& peer) {
  for (std::size_t seen = 0; peer.wait_for(seen + 1); ++seen) {
    const std::string body = peer.bodies()[seen];
    if (!body.empty() && decode(body, registry()).kind() == "interrupt") return true;
  }
  return false;
}

void check(const Ended& ended, const int code, const std::string& words) {
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == code);
  CHECK_THAT(ended.err, Catch::Contains(words));
}

}  // namespace

TEST_CASE("capabilities that nobody gets to read are an error", "[mpcli][program]") {
  const ScriptedPeer peer(component({}));
  const Ended ended =
      run_program({"/bin/sh", "-c", MPLANE_MPCLI " list --url " + peer.url() + " >/dev/full"});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, Catch::Contains("mpcli: standard output: cannot be written"));
}

TEST_CASE("help says what there is", "[mpcli][program]") {
  for (const std::string sub :
       {"", "list", "show", "explain", "plan", "run", "redeem", "results", "watch", "stop"}) {
    const Ended ended = mpcli(sub.empty() ? Texts{"--help"} : Texts{sub, "--help"});
    CHECK(ended.code == 0);
    CHECK(ended.err.empty());
    check_golden("help" + (sub.empty() ? "" : "-" + sub) + ".txt", ended.out);
  }
  CHECK_THAT(mpcli({"--version"}).out, Catch::StartsWith("mPlane "));
}

TEST_CASE("what is wrong with the command line is said", "[mpcli][program]") {
  check(mpcli({"list"}), 2, "MPLANE_URL");
  check(mpcli({"lst"}), 2, "lst");
  check(mpcli({"list", "--colour"}), 2, "--colour");
  check(mpcli({"show", "--url", "http://127.0.0.1:9/"}), 2, "CAPABILITY");
  check(mpcli({"list", "--url", "127.0.0.1"}), 2, "127.0.0.1");
  check(mpcli({"list", "--url", "http://127.0.0.1:9/", "--format", "xml"}), 2, "xml");
  check(mpcli({"list", "--url", "http://127.0.0.1:9/", "--timeout", "soon"}), 2, "soon");
  check(mpcli({"list", "--config", "/nowhere/client.yaml"}), 2, "/nowhere/client.yaml");
  check(mpcli({"list", "--url", "https://127.0.0.1:9/"}), 2, "--tls-ca");
  check(mpcli({"list", "--url", "https://127.0.0.1:9/", "--tls-ca", "/nowhere/ca"}), 2,
        "/nowhere/ca");
  check(mpcli({"list", "--url", "http://127.0.0.1:9/", "--registry", "nowhere"}), 2, "nowhere");
}

TEST_CASE("capabilities are listed and shown", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const Ended list = mpcli({"list", "--url", peer.url()});
  check(list, 0, "plain HTTP");
  CHECK_THAT(list.out, Catch::Contains("test-loopback") && Catch::Contains("test-narrow"));
  const Ended json = mpcli({"--format", "json", "list", "--url", peer.url()});
  CHECK(json.code == 0);
  CHECK_THAT(json.out, Catch::StartsWith("[\n{") && Catch::EndsWith("}\n]\n"));
  const Ended show = mpcli({"--url", peer.url(), "show", "narrow"});
  check(show, 0, "");
  CHECK_THAT(show.out, Catch::StartsWith("test-narrow\n") && Catch::Contains("hello,world"));
  const Ended unknown = mpcli({"--url", peer.url(), "show", "test-narow"});
  check(unknown, 3, "test-narrow");
  CHECK(unknown.out.empty());
}

TEST_CASE("a measurement is run", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const Texts run{"--url", peer.url(), "run", "test-loopback", "test.input=hello"};
  const auto in = [&](const std::string& format) {
    Texts arguments = run;
    arguments.insert(arguments.end(), {"--format", format});
    const Ended ended = mpcli(arguments);
    CHECK(ended.code == 0);
    return ended.out;
  };
  CHECK_THAT(in("table"), Catch::Contains("test.output\nhello\n"));
  CHECK(in("csv") == "test.output\nhello\n");
  CHECK(in("ndjson") == "{\"test.output\":\"hello\"}\n");
  CHECK_THAT(in("json"), Catch::Contains("\"rows\"") &&
                             Catch::Contains("\"component\": \"" +
                                             peer.url().substr(7, peer.url().size() - 8)));
  const Message sent = decode(peer.bodies()[1], registry());
  CHECK(to_string(sent.statement()->when()) == "now");
}

TEST_CASE("scope and label are sent as they are given", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  mpcli({"run", "test-narrow", "--url", peer.url(), "test.input=world", "--when", "now + 90s",
         "--label", "mine"});
  const Message sent = decode(peer.bodies().at(1), registry());
  CHECK(sent.label() == "mine");
  CHECK(to_string(sent.statement()->when()) == "now + 1m30s");
  CHECK(sent.statement()->get<std::string>("test.input") == "world");
}

TEST_CASE("what cannot be asked is said, and not asked", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const auto run = [&](Texts arguments) {
    arguments.insert(arguments.begin(), {"--url", peer.url(), "run"});
    return mpcli(std::move(arguments));
  };
  check(run({"test-loopback"}), 2, "test.input");
  check(run({"test-loopback", "test.inputt=hello"}), 2, "did you mean \"test.input\"");
  check(run({"test-loopback", "hello"}), 2, "element=value");
  check(run({"test-loopback", "test.input=a", "test.input=b"}), 2, "twice");
  check(run({"test-narrow", "test.input=you"}), 2, "you");
  check(run({"test-loopback", "test.input=a", "--when", "yesterday"}), 2, "--when");
  check(run({"test-loopback", "test.input=a", "--when", "past ... now"}), 2, "when");
  check(run({"test-lopback", "test.input=a"}), 3, "did you mean \"test-loopback\"");
  for (const std::string& request : peer.asked()) CHECK(request == "GET /");
}

TEST_CASE("a component's words are printed, and decide the exit code", "[mpcli][program]") {
  struct Case {
    int status;
    int code;
  };
  for (const auto& [status, code] :
       {Case{200, 3}, Case{400, 3}, Case{403, 3}, Case{429, 3}, Case{500, 3}, Case{503, 3}}) {
    const ScriptedPeer peer(component(
        [status = status](const HttpRequest&) { return exception("not today", status); }));
    const Ended ended = mpcli({"--url", peer.url(), "run", "test-loopback", "test.input=hello"});
    check(ended, code, "not today");
    CHECK(ended.out.empty());
  }
  const ScriptedPeer closed([](const HttpRequest&) { return exception("no role", 403); });
  check(mpcli({"list", "--url", closed.url()}), 3, "no role");
  const ScriptedPeer empty([](const HttpRequest&) { return mplane_reply("[]"); });
  check(mpcli({"list", "--url", empty.url()}), 0, "nothing is offered");
  check(mpcli({"run", "x", "--url", empty.url()}), 3, "nothing is offered");
}

TEST_CASE("a component that is not there is an exit code of its own", "[mpcli][program]") {
  check(mpcli({"list", "--url", "http://127.0.0.1:9/"}), 5, "refused");
  check(mpcli({"redeem", "t", "--url", "http://127.0.0.1:9/"}), 5, "refused");
}

TEST_CASE("a receipt is printed, redeemed and stopped", "[mpcli][program]") {
  ScriptedPeer peer(component(busy));
  const Ended token =
      mpcli({"--url", peer.url(), "run", "--no-wait", "test-loopback", "test.input=hello"});
  check(token, 0, "");
  REQUIRE(token.out.size() == 33);
  const std::string name = token.out.substr(0, 32);
  CHECK(decode(peer.bodies().back(), registry()).token() == name);
  const Ended receipt = mpcli({"--url", peer.url(), "run", "--no-wait", "test-loopback",
                               "test.input=hello", "--format", "json"});
  CHECK(decode(receipt.out, registry()).kind() == "receipt");

  const Ended redeem = mpcli({"--url", peer.url(), "redeem", name});
  check(redeem, 4, "not done");
  CHECK(redeem.out.empty());
  const Ended stop = mpcli({"--url", peer.url("/capability"), "stop", name, "--format", "csv"});
  check(stop, 0, "");
  CHECK(stop.out == "test.output\nhello\n");
  CHECK(peer.asked().back() == "POST /");
}

TEST_CASE("waiting ends in time, and says how to go on", "[mpcli][program]") {
  ScriptedPeer peer(component(busy));
  const Ended ended = mpcli({"--url", peer.url(), "run", "test-loopback", "test.input=hello",
                             "--when", "now + 1h", "--timeout", "300ms"});
  check(ended, 4, "redeem " + token_in(peer.bodies().back()));
  CHECK(ended.out.empty());
}

TEST_CASE("the first interrupt stops the measurement", "[mpcli][program]") {
  ScriptedPeer peer(component(busy));
  Program program(command({"--url", peer.url(), "run", "test-loopback", "test.input=hello",
                           "--when", "now + 1h", "--format", "csv"}));
  REQUIRE(peer.wait_for(3));  // list, specification, redemption
  program.send(SIGINT);
  const auto ended = program.wait();
  REQUIRE(ended);
  check(*ended, 0, "");
  CHECK(ended->out == "test.output\nhello\n");
  CHECK(decode(peer.bodies().back(), registry()).kind() == "interrupt");
}

TEST_CASE("the second interrupt leaves the measurement alone", "[mpcli][program]") {
  ScriptedPeer peer(component([](const HttpRequest& request) {
    return mplane_reply(loopback_message("receipt", token_in(request.body)));
  }));
  Program program(command(
      {"--url", peer.url(), "run", "test-loopback", "test.input=hello", "--when", "now + 1h"}));
  REQUIRE(peer.wait_for(3));
  program.send(SIGINT);
  REQUIRE(was_interrupted(peer));
  program.send(SIGINT);
  const auto ended = program.wait();
  REQUIRE(ended);
  check(*ended, 4, "redeem");
}

TEST_CASE("runs are printed as they come, failed ones counted", "[mpcli][program]") {
  ScriptedPeer peer(component([](const HttpRequest& request) {
    const std::string token = token_in(request.body);
    return mplane_reply(R"({"envelope":"message","version":1,"token":")" + token +
                        R"(","contents":[)" + loopback_result(token + "-1", "one") +
                        R"(,{"exception":"x","message":"no reply"},)" +
                        loopback_result(token + "-3", "three") + "]}");
  }));
  const Ended ended = mpcli({"--url", peer.url(), "run", "test-loopback", "test.input=hello",
                             "--when", "repeat now + 4s / 2s", "--format", "csv"});
  check(ended, 6, "no reply");
  CHECK(ended.out ==
        "when,test.output\n2015-06-01 12:00:00.000000,one\n2015-06-01 12:00:00.000000,three\n");
}

TEST_CASE("file, environment and flags each go before the one before", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const ScratchFolder folder;
  const auto file = folder.write("client.yaml", "url: " + peer.url() + "\nformat: csv\n");
  const Ended from_file = mpcli({"list", "--config", file});
  CHECK(from_file.code == 0);
  CHECK_THAT(from_file.out, Catch::StartsWith("label,token"));
  const Texts elsewhere{"MPLANE_URL=http://127.0.0.1:9/"};
  CHECK(mpcli({"list", "--config", file}, elsewhere).code == 5);
  const Ended from_flags =
      mpcli({"list", "--config", file, "--url", peer.url(), "--format", "json"}, elsewhere);
  CHECK(from_flags.code == 0);
  CHECK_THAT(from_flags.out, Catch::StartsWith("[\n{"));
}

TEST_CASE("the environment's file of defaults is found, and profiles in it", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.path() / "mplane");
  folder.write(
      "mplane/client.yaml",
      "url: http://127.0.0.1:9/\nformat: csv\nprofiles:\n  lab: {url: " + peer.url() + "}\n");
  const std::string home = "XDG_CONFIG_HOME=" + folder.path().string();
  const auto list = [&](Texts arguments, Texts environment) {
    environment.insert(environment.begin(), home);
    arguments.insert(arguments.begin(), MPLANE_MPCLI);
    for (const char* const name : {"MPLANE_URL=", "MPLANE_TLS_CA=", "MPLANE_PROFILE="}) {
      environment.emplace_back(name);
    }
    return run_program(arguments, environment);
  };
  CHECK(list({"list"}, {}).code == 5);
  CHECK_THAT(list({"list", "--profile", "lab"}, {}).out, Catch::StartsWith("label,token"));
  CHECK_THAT(list({"list"}, {"MPLANE_PROFILE=lab"}).out, Catch::StartsWith("label,token"));
  check(list({"list", "--profile", "lap"}, {}), 2, "did you mean \"lab\"");
  check(mpcli({"list", "--profile", "lab"}), 2, "no file with profiles");
}

TEST_CASE("several components are asked together", "[mpcli][program]") {
  const ScriptedPeer one(component(echo));
  const ScriptedPeer two(component(busy));
  const auto name = [](const ScriptedPeer& peer) { return Url::parse(peer.url()).authority(); };
  const Ended list = mpcli({"list", "--url", one.url(), "--url", two.url(), "--format", "csv"});
  check(list, 0, "plain HTTP");
  CHECK_THAT(list.out, Catch::StartsWith("component,label,token,") &&
                           Catch::Contains("\n" + name(one) + ",test-loopback,wide,") &&
                           Catch::Contains("\n" + name(two) + ",test-narrow,narrow,"));
  const Ended quiet = mpcli({"-q", "run", "test-loopback", "test.input=hello", "--url", one.url(),
                             "--url", one.url("/capability"), "--format", "ndjson"});
  CHECK(quiet.code == 0);
  CHECK(quiet.err.empty());
  const std::string line = R"({"component":")" + name(one) + R"(","test.output":"hello"})" + "\n";
  CHECK(quiet.out == line + line);
  const Ended tokens = mpcli({"run", "test-loopback", "test.input=hello", "--no-wait", "--url",
                              one.url(), "--url", two.url(), "--format", "csv"});
  CHECK(tokens.code == 0);
  CHECK_THAT(tokens.out, Catch::StartsWith("component,token,url\n"));
  check(mpcli({"redeem", "t", "--url", one.url(), "--url", two.url()}), 2, "one component");
}

TEST_CASE("of several components some may fail", "[mpcli][program]") {
  const ScriptedPeer good(component(echo));
  const ScriptedPeer bad(component([](const HttpRequest&) { return exception("not today", 403); }));
  const ScratchFolder folder;
  const auto urls =
      folder.write("urls", "# all\n" + good.url() + "\n" + bad.url() + "\nhttp://127.0.0.1:9/\n");
  const Texts run{"run",      "test-loopback", "test.input=hello", "--url-file", urls,
                  "--format", "csv",           "--parallel",       "2"};
  const Ended some = mpcli(run);
  check(some, 6, "not today");
  CHECK_THAT(some.err, Catch::Contains("mpcli: 127.0.0.1:9: "));
  CHECK(some.out == "component,test.output\n" + Url::parse(good.url()).authority() + ",hello\n");
  Texts metrics = run;
  metrics[6] = "prometheus";
  CHECK_THAT(mpcli(metrics).out, Catch::Contains("mplane_success{component=\"127.0.0.1:9\"} 0\n"));
  check(mpcli({"run", "test-loopback", "test.input=hello", "--url", bad.url(), "--url",
               "http://127.0.0.1:9/"}),
        3, "not today");
  check(mpcli({"list", "--url", "http://127.0.0.1:9/", "--url", "http://127.0.0.1:10/"}), 5,
        "127.0.0.1:10");
  check(mpcli({"run", "test-lopback", "--url", good.url(), "--url", bad.url()}), 3,
        "did you mean \"test-loopback\"");
}

TEST_CASE("what several components measure is interrupted at all of them", "[mpcli][program]") {
  ScriptedPeer one(component(busy));
  ScriptedPeer two(component(busy));
  Program program(command({"--url", one.url(), "--url", two.url(), "run", "test-loopback",
                           "test.input=hello", "--when", "now + 1h", "--format", "csv"}));
  REQUIRE(one.wait_for(3));
  REQUIRE(two.wait_for(3));
  program.send(SIGINT);
  const auto ended = program.wait();
  REQUIRE(ended);
  check(*ended, 0, "");
  CHECK(was_interrupted(one));
  CHECK(was_interrupted(two));
  CHECK(std::count(ended->out.begin(), ended->out.end(), '\n') == 3);
}

TEST_CASE("several components are waited for no longer than they may take", "[mpcli][program]") {
  const ScriptedPeer one(component(busy));
  const ScriptedPeer two(component(echo));
  const Ended ended =
      mpcli({"--url", one.url(), "--url", two.url(), "run", "test-loopback", "test.input=hello",
             "--when", "now + 1h", "--format", "csv", "--timeout", "500ms"});
  check(ended, 6, "not waited for any longer");
  CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 2);
}

TEST_CASE("a plan begins nothing", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const Ended plan = mpcli({"plan", "test-loopback", "test.input=hello", "--url", peer.url(),
                            "--repeat", "1h", "--for", "7d", "--format", "csv", "--starts", "3"});
  check(plan, 0, "nothing was begun; whether others would be in its way");
  CHECK(std::count(plan.out.begin(), plan.out.end(), '\n') == 4);
  CHECK(peer.asked() == Texts{"GET /", "POST /plan"});
  check(mpcli({"plan", "test-loopback", "--url", peer.url()}), 2, "test.input");
}

TEST_CASE("a measurement is followed by its token", "[mpcli][program]") {
  std::atomic<int> asked = 0;
  const ScriptedPeer peer(component([&](const HttpRequest& request) {
    const std::string token = token_in(request.body);
    const std::string when = ++asked > 2 ? "2015-06-01 12:00:00 ... 2015-06-01 13:00:00"
                                         : "2015-06-01 12:00:00 ... 2130-01-01 00:00:00";
    std::string runs = loopback_result(token + "-1", "one", "2015-06-01 12:00:00");
    if (asked > 1) runs += "," + loopback_result(token + "-2", "two", "2015-06-01 12:30:00");
    return mplane_reply(R"({"envelope":"message","version":1,"token":")" + token + R"(","when":")" +
                        when + R"(","contents":[)" + runs + "]}");
  }));
  const Ended results = mpcli({"results", "t", "--url", peer.url(), "--format", "csv"});
  check(results, 0, "");
  CHECK(results.out == "when,test.output\n2015-06-01 12:00:00.000000,one\n");
  const Ended watched = mpcli({"watch", "t", "--url", peer.url(), "--format", "csv"});
  check(watched, 0, "");
  CHECK(watched.out ==
        "when,test.output\n2015-06-01 12:00:00.000000,one\n2015-06-01 12:30:00.000000,two\n");
}

TEST_CASE("ending to watch leaves the measurement alone", "[mpcli][program]") {
  ScriptedPeer peer(component(busy));
  Program program(command({"--url", peer.url(), "watch", "t"}));
  REQUIRE(peer.wait_for(2));
  program.send(SIGINT);
  const auto ended = program.wait();
  REQUIRE(ended);
  check(*ended, 4, "goes on");
  for (const std::string& body : peer.bodies()) {
    CHECK(decode(body, registry()).kind() == "redemption");
  }
}

TEST_CASE("verbose says what is asked of whom, quiet nothing but errors", "[mpcli][program]") {
  const ScriptedPeer peer(component(echo));
  const Texts run{"run", "test-loopback", "test.input=hello", "--url", peer.url()};
  const auto with = [&](const std::string& flag) {
    Texts arguments = run;
    arguments.push_back(flag);
    return mpcli(std::move(arguments));
  };
  CHECK_THAT(with("-v").err,
             Catch::Contains("GET " + peer.url()) && Catch::Contains("POST " + peer.url()));
  CHECK(with("-q").err.empty());
  check(mpcli({"-q", "list", "--url", "http://127.0.0.1:9/"}), 5, "refused");
}
