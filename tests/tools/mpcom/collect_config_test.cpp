#include "mpcom/collect_config.hpp"

#include "mplane/tools/yaml.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using Catch::Contains;

namespace {

std::vector<Collection> read(const std::string& yaml, ConfigContext& context) {
  const ConfigNode node = parse_yaml(yaml, "f", context.mistakes);
  ConfigSection section(node, context, "settings");
  return read_collect(Registry::core(), section);
}

std::string mistakes_in(const std::string& yaml) {
  ConfigContext context;
  CHECK(read(yaml, context).empty());
  try {
    context.mistakes.raise();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void take(const Collection& collection, const Result& result) {
  bool is_taken = false;
  collection.take(Identity("org.probe"), result, [&](const std::optional<Error>& why) {
    if (why) throw Error(*why);
    is_taken = true;
  });
  CHECK(is_taken);
}

}  // namespace

TEST_CASE("results that others send are appended to a file") {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "results.ndjson";
  ConfigContext context;
  const auto collections = read(
      "label: store\nparameters: {destination.ip4: 127.0.0.0/8}\n"
      "results: delay.twoway.icmp.count\nfile: " +
          file.string() + "\nlink: https://store.example.org/in\n",
      context);
  context.mistakes.raise();
  REQUIRE(collections.size() == 1);
  const Capability& capability = collections[0].capability;
  CHECK(capability.verb() == "collect");
  CHECK(capability.link() == "https://store.example.org/in");
  const auto specification =
      capability.specify("2015-06-01 + 1s").set("destination.ip4", "127.0.0.1").token("t").build();
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{2}}) {
    take(collections[0], Result(specification).row({{"delay.twoway.icmp.count", count}}));
  }
  const std::string text = test::read_file(file);
  CHECK_THAT(text, Contains(R"("component":"org.probe")") &&
                       Contains(R"([{"delay.twoway.icmp.count":1}])") &&
                       Contains(R"([{"delay.twoway.icmp.count":2}])"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK_THROWS_WITH(take(collections[0], Result(specification)), Contains("cannot be kept"));
}

TEST_CASE("results are not written into what is no file, and nobody waits for its reader") {
  const test::ScratchFolder folder;
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  ConfigContext context;
  const auto collections = read(
      "label: store\nresults: delay.twoway.icmp.count\nfile: " + pipe.string() + "\n", context);
  REQUIRE(collections.size() == 1);
  const Result result(collections[0].capability.specify("2015-06-01 + 1s").token("t").build());
  CHECK_THROWS_WITH(take(collections[0], result), Contains("it is no regular file"));
}

TEST_CASE("a line that there is no room for leaves no half of it") {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "results.ndjson";
  ConfigContext context;
  const auto collections = read(
      "label: store\nparameters: {destination.ip4: \"*\"}\nresults: delay.twoway.icmp.count\n"
      "file: " +
          file.string() + "\n",
      context);
  REQUIRE(collections.size() == 1);
  const auto specification = collections[0]
                                 .capability.specify("2015-06-01 + 1s")
                                 .set("destination.ip4", "127.0.0.1")
                                 .token("t")
                                 .build();
  const Result result = Result(specification).row({{"delay.twoway.icmp.count", std::uint64_t{1}}});
  take(collections[0], result);
  const std::string before = test::read_file(file);
  rlimit usual{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &usual) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{before.size() + 10, usual.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
  CHECK_THROWS_WITH(take(collections[0], result), Contains("cannot be kept"));
  REQUIRE(setrlimit(RLIMIT_FSIZE, &usual) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(test::read_file(file) == before);
}

TEST_CASE("what is wrong with a collection is told") {
  CHECK_THAT(mistakes_in("{}"), Contains("'label' is missing") &&
                                    Contains("'results' is missing") &&
                                    Contains("'file' is missing"));
  CHECK_THAT(mistakes_in("{label: a, results: nosuch, file: x}"), Contains("nosuch"));
  CHECK_THAT(mistakes_in("{label: a, results: octets.ip, file: x, link: y}"),
             Contains("not a URL"));
  CHECK_THAT(mistakes_in("{label: a, results: octets.ip, file: x, fil: y}"), Contains("fil"));
}
