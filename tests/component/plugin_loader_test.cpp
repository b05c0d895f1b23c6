#include "mplane/component/plugin_loader.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <future>
#include <stop_token>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
namespace fs = std::filesystem;

namespace {

std::vector<Service> load(const std::string& mode, const LogSink& log = {}) {
  return load_plugin(RUDE_PLUGIN, Registry::core(), {{"mode", mode}}, log);
}

std::string refusal(const std::string& mode) {
  try {
    load(mode);
    return "";
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    return error.what();
  }
}

Specification specification(const Capability& capability) {
  return capability.specify("now").set("source.port", std::uint64_t{5}).build();
}

/// The one cell of the result, or what was thrown.
std::string run(const std::string& mode, std::stop_token stop = {}) {
  const auto services = load(mode);
  try {
    const Result result = std::get<Run>(services.at(0).run)(
        specification(services.at(0).capability), std::move(stop));
    return to_string(result.columns().at(0).value(0));
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a module in a shared object offers and measures", "[plugin]") {
  std::string logged;
  const auto services = load("good", [&](const LogRecord& record) { logged = record.message; });
  REQUIRE(services.size() == 1);
  CHECK(services[0].capability.label() == "rude");
  CHECK(logged == "opened");
  const Specification asked = specification(services[0].capability).with_token("t");
  const Result result = std::get<Run>(services[0].run)(asked, {});
  CHECK(result.token() == "t");
  CHECK(result.get<std::uint64_t>("source.port") == 5);
  CHECK(to_string(result.when()) == "2020-01-01 00:00:00.000000");
  CHECK(result.row_count() == 1);
}

TEST_CASE("only a module's first message counts", "[plugin]") {
  CHECK(run("good") == "2");
  CHECK(run("twice") == "1");
}

TEST_CASE("a module built for another interface is refused with a sentence", "[plugin]") {
  CHECK(refusal("old") ==
        "it was built for version 2 of the modules' interface, this program has 1");
  CHECK(refusal("refuses") == "it refuses: not today");
  CHECK(refusal("small") == "it does not fill in what a module has to");
  CHECK(refusal("no-run") == "it does not fill in what a module has to");
  CHECK_THAT(refusal("bad-capability"), Catch::StartsWith("it offers what is no capability: "));
}

TEST_CASE("what a module does wrong in a run is an exception", "[plugin]") {
  CHECK_THAT(run("fails"), Catch::EndsWith(" gave no result"));
  CHECK_THAT(run("silent"), Catch::EndsWith(" gave no result"));
  CHECK_THAT(run("not-a-result"), Catch::EndsWith(" answered with no result"));
  CHECK(run("exception") == "no luck");
  CHECK_FALSE(run("garbage").empty());
  CHECK_THAT(run("bad-value"), Catch::Contains("\"many\""));
}

TEST_CASE("a module is told to stop", "[plugin]") {
  std::stop_source stop;
  auto ended =
      std::async(std::launch::async, [&] { return run("until-stopped", stop.get_token()); });
  stop.request_stop();
  CHECK(ended.get() == "9");
}

TEST_CASE("a library that others could change, or that is none, is not loaded", "[plugin]") {
  const test::ScratchFolder folder;
  const auto told = [&](const fs::path& file) {
    try {
      load_plugin(file, Registry::core(), {});
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  CHECK_THAT(told(folder.path() / "missing.so"), Catch::EndsWith("No such file or directory"));
  const std::string text = folder.write("text.so", "text");
  fs::permissions(text, fs::perms::owner_all);
  CHECK_THAT(told(text), Catch::StartsWith("it cannot be loaded: "));

  const fs::path copy = folder.path() / "copy.so";
  fs::copy_file(RUDE_PLUGIN, copy);
  for (const fs::perms writable : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(copy, fs::perms::owner_all | writable);
    CHECK_THAT(told(copy), Catch::Contains("can be changed by others"));
  }
  fs::permissions(copy, fs::perms::owner_all);
  fs::permissions(folder.path(), fs::perms::all);
  CHECK_THAT(told(copy), Catch::Contains("can be changed by others"));
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(told(copy).empty());
}
