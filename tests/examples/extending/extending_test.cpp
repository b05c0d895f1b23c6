// doc/extending.md: what it shows is what is built here, and it works.

#include "support/program.hpp"
#include "support/scratch.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane::test;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = MPLANE_SOURCE;

/// The fenced blocks of a page in one language.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string open = "```" + language + "\n";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const std::size_t end = page.find("```", at);
    found.push_back(page.substr(at, end - at));
    at = end;
  }
  return found;
}

std::string trimmed(std::string line) {
  line.erase(0, line.find_first_not_of(' '));
  return line;
}

/// Lines without their indentation, one behind another.
std::string flat(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += trimmed(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

/// A component that runs with a configuration, and mpcli to ask it.
class Running {
 public:
  Running(const std::string& program, const std::string& config)
      : program_({program, "--config", config}) {
    const std::string line = program_.wait_for_line("http://");
    INFO(program_.err());
    REQUIRE_FALSE(line.empty());
    url_ = line.substr(line.find("http://"));
    url_ = url_.substr(0, url_.find(' '));
  }
  ~Running() { program_.send(SIGTERM); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Ended ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {MPCLI, "--url", url_});
    return run_program(arguments);
  }

 private:
  Program program_;
  std::string url_;
};

/// A configuration in plain HTTP on any port, with these modules.
std::string config(const ScratchFolder& folder, const std::string& modules) {
  return folder.write("component.yaml",
                      "component: {listen: 127.0.0.1:0, insecure: true}\naccess: {open: true}\n"
                      "targets: {allow: 127.0.0.0/8}\nmodules:\n" +
                          modules);
}

}  // namespace

TEST_CASE("what doc/extending.md shows is in the files that are built and run", "[extending]") {
  const std::string page = read_file(kSource / "doc/extending.md");
  std::string files;
  for (const char* const folder : {"examples", "conf"}) {
    for (const auto& entry : fs::directory_iterator(kSource / folder)) {
      if (entry.is_regular_file()) files += flat(read_file(entry.path()));
    }
  }
  for (const char* const language : {"cpp", "yaml", "cmake"}) {
    const auto shown = blocks(page, language);
    CHECK_FALSE(shown.empty());
    for (const std::string& block : shown) {
      CAPTURE(block);
      CHECK(files.find(flat(block)) != std::string::npos);
    }
  }
}

TEST_CASE("the programs of conf/exec.yaml measure", "[extending]") {
  const ScratchFolder folder;
  std::string text = read_file(kSource / "conf/exec.yaml");
  const std::string port = "127.0.0.1:8890";
  text.replace(text.find(port), port.size(), "127.0.0.1:0");
  const Running component(MPCOM, folder.write("exec.yaml", text));

  const Ended ping = component.ask({"run", "ping-average-ip4", "destination.ip4=127.0.0.1",
                                    "--when", "now + 2s / 1s", "--format", "csv"});
  CAPTURE(ping.err);
  CHECK(ping.code == 0);
  CHECK_THAT(ping.out, Catch::Contains("delay.twoway.icmp.us.min"));
  CHECK_THAT(ping.out, Catch::EndsWith(",2\n"));

  const Ended load = component.ask({"run", "load", "--format", "ndjson"});
  CAPTURE(load.err);
  CHECK(load.code == 0);
  CHECK_THAT(load.out, Catch::Contains("\"cpuload\":"));

  // A target that the operator does not allow never reaches the program.
  const Ended refused = component.ask(
      {"run", "ping-average-ip4", "destination.ip4=10.0.0.1", "--when", "now + 1s / 1s"});
  CHECK(refused.code == 3);
  CHECK_THAT(refused.err, Catch::Contains("10.0.0.1 is in 10.0.0.0/8 (private)"));
}

TEST_CASE("one's own mpcom measures what its table has", "[extending]") {
  const ScratchFolder folder;
  const Running component(OWN_MPCOM,
                          config(folder,
                                 "  - {name: load, settings: {minutes: 5}}\n  - loopback\n"
                                 "registries: [core, loopback]\n"));
  const Ended load = component.ask({"run", "load-5", "--format", "ndjson"});
  CAPTURE(load.err);
  CHECK(load.code == 0);
  CHECK_THAT(load.out, Catch::Contains("\"cpuload\":"));
  CHECK(component.ask({"run", "test-loopback", "test.input=x"}).code == 0);
}

TEST_CASE("a module in a shared object measures in mpcom", "[extending]") {
  const ScratchFolder folder;
  const fs::path library = folder.path() / "load.so";
  fs::copy_file(LOAD_PLUGIN, library);
  fs::permissions(library, fs::perms::owner_all | fs::perms::group_read);
  const Running component(MPCOM, config(folder,
                                        "  - library: ./load.so\n"
                                        "  - {library: ./load.so, settings: {minutes: 15}}\n"));
  for (const char* const label : {"load-1", "load-15"}) {
    const Ended load = component.ask({"run", label, "--format", "ndjson"});
    CAPTURE(label, load.err);
    CHECK(load.code == 0);
    CHECK_THAT(load.out, Catch::Contains("\"cpuload\":"));
  }
}

TEST_CASE("what a module refuses is named with its line", "[extending]") {
  const ScratchFolder folder;
  fs::copy_file(LOAD_PLUGIN, folder.path() / "load.so");
  fs::permissions(folder.path() / "load.so", fs::perms::owner_all);
  fs::copy_file(LOAD_PLUGIN, folder.path() / "open.so");
  fs::permissions(folder.path() / "open.so", fs::perms::all);
  folder.write("text.so", "no library");
  const std::string file = config(folder,
                                  "  - library: ./load.so\n    settings:\n      minutes: 7\n"
                                  "  - library: ./missing.so\n"
                                  "  - library: bare.so\n"
                                  "  - library: ./open.so\n"
                                  "  - library: ./text.so\n"
                                  "  - {library: ./load.so, name: ping}\n"
                                  "  - {name: load}\n");
  const Ended checked = run_program({OWN_MPCOM, "--config", file, "--check"});
  CHECK(checked.code == 2);
  for (const char* const says : {":5: module 'load.so': it refuses: minutes: it can be 1, 5 or 15",
                                 ":8: module 'missing.so': ",
                                 ":9: 'library': \"bare.so\" is a name alone: set "
                                 "'component.module-dir', or write ./bare.so",
                                 ":10: module 'open.so': ", "can be changed by others",
                                 ":11: module 'text.so': it cannot be "
                                 "loaded: ",
                                 ":12: 'name' and 'library' exclude each other"}) {
    CAPTURE(checked.err);
    CHECK_THAT(checked.err, Catch::Contains(says));
  }
}
