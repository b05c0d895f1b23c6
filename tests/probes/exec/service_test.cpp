#include "exec_rig.hpp"
#include "mplane/model/error.hpp"
#include "probes/elements.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

std::string refusal(const ExecSettings& settings) {
  ProgramRunner runner;
  try {
    make_exec(Registry::core(), settings, runner);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("what a program prints becomes the rows of a result", "[exec]") {
  ExecRig rig(shell("echo 1; echo noise; echo 22"));
  CHECK(rig.capability().label() == "shell");
  CHECK(rig.run() == "1\n22\n");
}

TEST_CASE("the scope of a result is the time that the program ran", "[exec]") {
  ExecRig rig(shell("echo 1"));
  const Outcome outcome = rig.start(rig.capability().specify("now").build()).get();
  const When& when = std::get<Result>(outcome).when();
  CHECK(when.is_definite());
}

TEST_CASE("parameters become arguments", "[exec]") {
  auto settings = shell("");
  settings.program = "/usr/bin/printf";
  settings.arguments = {"%s\\n", "{destination.port}", "--", "{source.device}"};
  settings.parameters = {{"destination.port", "1 ... 65535"}, {"source.device", "*"}};
  ExecRig rig(settings);
  CHECK(rig.run(rig.capability()
                    .specify("now")
                    .set("destination.port", std::uint64_t{80})
                    .set("source.device", "77\n88; echo 99")
                    .build()) == "80\n77\n");
}

TEST_CASE("exit codes become exceptions, unless they are a success", "[exec]") {
  auto settings = shell("echo 5; exit 2");
  CHECK(ExecRig(settings).run() == "exception: sh ended with exit code 2");
  settings.exit_codes = {{2, "the host is unknown"}};
  CHECK(ExecRig(settings).run() == "exception: the host is unknown");
  settings.success_codes = {0, 2};
  CHECK(ExecRig(settings).run() == "5\n");
  CHECK(ExecRig(shell("kill -11 $$")).run() == "exception: sh was killed by signal 11");
}

TEST_CASE("the words of a failed program are for the log, not for the peer", "[exec]") {
  CHECK(ExecRig(shell("echo /etc/secret >&2; exit 1")).run() ==
        "exception: sh ended with exit code 1");
}

TEST_CASE("limits end a run with an exception", "[exec]") {
  auto slow = shell("echo 1; exec sleep 1000");
  slow.timeout = 200ms;
  CHECK(ExecRig(slow).run() == "exception: sh did not end in time");
  auto loud = shell("exec yes 1");
  loud.output_limit = 1000;
  CHECK(ExecRig(loud).run() == "exception: sh printed more than 1000 bytes");
}

TEST_CASE("an interrupted program's result has what it had printed", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  ExecRig rig(shell("echo 1; printf 2; echo >" + ready.path() + "; exec sleep 1000"));
  std::stop_source stop;
  const auto specification = rig.capability().specify("now ... future").build();
  auto outcome = rig.start(specification, stop.get_token());
  ready.wait();
  stop.request_stop();
  CHECK(ExecRig::told(outcome.get()) == "1\n");
}

TEST_CASE("targets are checked before anything runs", "[exec]") {
  auto settings = shell("echo 1");
  settings.arguments.insert(settings.arguments.end(),
                            {"{destination.ip4}", "{observer.ip6}", "{source.ip4}"});
  settings.parameters = {{"destination.ip4", "*"}, {"observer.ip6", "*"}, {"source.ip4", "*"}};
  ExecRig rig(settings,
              [policy = TargetPolicy()](const Address& address) { policy.check(address); });
  const auto run = [&](const char* destination, const char* observer) {
    try {
      return rig.run(rig.capability()
                         .specify("now")
                         .set("destination.ip4", destination)
                         .set("observer.ip6", observer)
                         .set("source.ip4", "10.0.0.1")
                         .build());
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  CHECK(run("8.8.8.8", "2606:4700::1") == "1\n");
  CHECK_THAT(run("127.0.0.1", "2606:4700::1"), Catch::Contains("127.0.0.1 is in 127.0.0.0/8"));
  CHECK_THAT(run("8.8.8.8", "::1"), Catch::Contains("::1 is in ::1/128 (loopback)"));
}

TEST_CASE("a name that the program resolves itself needs the operator's word", "[exec]") {
  auto settings = shell("echo 1");
  settings.arguments.emplace_back("{destination.url}");
  settings.parameters = {{"destination.url", "*"}};
  CHECK_THAT(refusal(settings), Catch::StartsWith("parameters/destination.url: the program finds"));
  settings.parameters = {{"destination.url", "http://192.0.2.1/"}};
  CHECK(refusal(settings).empty());
  settings.parameters = {{"destination.url", "*"}};
  settings.unresolved = {"destination.url"};
  CHECK(refusal(settings).empty());
  settings.unresolved.insert("content.url");
  CHECK(refusal(settings) == "unresolved: there is no parameter \"content.url\"");
}

TEST_CASE("what cannot become a service is refused at the start", "[exec]") {
  const auto with = [](const auto& change) {
    auto settings = shell("echo 1");
    change(settings);
    return refusal(settings);
  };
  CHECK(with([](ExecSettings&) {}).empty());
  CHECK(with([](auto& s) { s.label = ""; }) == "label: 'label' is missing: what is it called?");
  CHECK(with([](auto& s) { s.results.clear(); }) ==
        "results: 'results' is missing: what does it yield?");
  CHECK(with([](auto& s) { s.program = "sh"; }) == "program: \"sh\" is no absolute path");
  CHECK(with([](auto& s) { s.program = "/nonexistent"; }) ==
        "program: \"/nonexistent\" does not exist");
  CHECK(with([](auto& s) { s.program = "/bin"; }) ==
        "program: \"/bin\" is no program that we may run");
  CHECK(with([](auto& s) { s.directory = "/nonexistent"; }) ==
        "directory: \"/nonexistent\" is no directory");
  CHECK(with([](auto& s) { s.registry = "http://example.org/x"; }) ==
        "registry: \"http://example.org/x\" is not among the registries");
  CHECK_THAT(with([](auto& s) { s.when = "soon"; }), Catch::StartsWith("when: "));
  CHECK_THAT(with([](auto& s) { s.results[0].element = "packets.lots"; }),
             Catch::StartsWith("results/packets.lots: ") && Catch::Contains("packets.lost"));
  CHECK_THAT(with([](auto& s) {
               s.parameters = {{"source.prot", "*"}};
             }),
             Catch::StartsWith("parameters/source.prot: ") && Catch::Contains("source.port"));
  CHECK_THAT(with([](auto& s) {
               s.parameters = {{"source.port", "low"}};
             }),
             Catch::StartsWith("parameters/source.port: ") && Catch::Contains("\"low\""));

  const ScratchFolder folder;
  const std::string plain = folder.write("plain", "text");
  CHECK_THAT(with([&](auto& s) { s.program = plain; }), Catch::Contains("no program that we may"));
  const std::string open = folder.write("open", "#!/bin/sh\n");
  std::filesystem::permissions(open, std::filesystem::perms::all);
  CHECK_THAT(with([&](auto& s) { s.program = open; }), Catch::Contains("everybody may write"));
}

TEST_CASE("a result says what its program ran beside, where the registry has words for it",
          "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  ExecRig rig(shell("echo x > " + ready.path() + "; sleep 600"), {}, probes_elements());
  std::stop_source stop;
  const Specification specification = rig.capability().specify("now").build();
  std::vector<std::future<Outcome>> outcomes;
  for (std::uint64_t n = 0; n < 3; ++n) {
    outcomes.push_back(rig.start(specification, stop.get_token()));
    ready.wait();
  }
  stop.request_stop();
  for (std::uint64_t n = 0; n < 3; ++n) {
    const auto result = std::get<Result>(outcomes[n].get());
    CHECK(result.find_metadata("runs.beside")->get<std::uint64_t>() == n);
    CHECK(result.find_metadata("clock.error.us") != nullptr);
    CHECK(result.find_metadata("cpuload") != nullptr);
  }
  CHECK(rig.policy().tell_lateness);
}

TEST_CASE("a result says nothing that its registry has no word for", "[exec]") {
  ExecRig rig(shell("echo 1"));
  const auto result = std::get<Result>(rig.start(rig.capability().specify("now").build()).get());
  CHECK(result.find_metadata("runs.beside") == nullptr);
  CHECK(result.find_metadata("cpuload") == nullptr);
}
