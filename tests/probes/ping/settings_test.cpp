#include "mplane/probes/ping/settings.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

using Texts = std::map<std::string, std::string, std::less<>>;

TEST_CASE("settings that are not given have their defaults", "[ping]") {
  const PingSettings settings = parse_ping_settings({});
  CHECK(settings.source_ip4.empty());
  CHECK(settings.source_ip6.empty());
  CHECK(settings.period == 1s);
  CHECK(settings.wait == 1s);
  CHECK(settings.max_packets == 1'000'000);
}

TEST_CASE("settings are read from text", "[ping]") {
  const PingSettings settings = parse_ping_settings({{"source-ip4", "10.0.0.1, 10.0.0.2"},
                                                     {"source-ip6", "fd77::1"},
                                                     {"period", "10s"},
                                                     {"wait", "2s"},
                                                     {"max-packets", "100"},
                                                     {"train-interval", "2s"}});
  REQUIRE(settings.source_ip4.size() == 2);
  CHECK(to_string(settings.source_ip4[1]) == "10.0.0.2");
  REQUIRE(settings.source_ip6.size() == 1);
  CHECK(settings.period == 10s);
  CHECK(settings.wait == 2s);
  CHECK(settings.max_packets == 100);
  CHECK(settings.train_interval == 2s);
}

TEST_CASE("the documentation names every setting, with its default", "[ping]") {
  const std::string page = test::read_file(MPLANE_SOURCE "/doc/configuration.md");
  const auto begin = page.find("\n| setting |");
  const std::string part = page.substr(begin, page.find("\n##", begin) - begin);
  const std::regex row(R"(\n\| `([a-z0-9-]+)` \| [^|]+ \| (`([^`]*)`|\*none\*) \| )");
  Texts defaults;
  std::set<std::string> names;
  for (std::sregex_iterator match(part.begin(), part.end(), row), end; match != end; ++match) {
    names.insert((*match)[1]);
    if ((*match)[3].matched) defaults.emplace((*match)[1], (*match)[3]);
  }
  CHECK(names == std::set<std::string>{"source-ip4", "source-ip6", "period", "wait", "max-packets",
                                       "train-packets", "train-interval"});
  const PingSettings settings = parse_ping_settings(defaults);
  CHECK(settings.period == PingSettings().period);
  CHECK(settings.wait == PingSettings().wait);
  CHECK(settings.max_packets == PingSettings().max_packets);
  CHECK(settings.train_packets == PingSettings().train_packets);
  CHECK(settings.train_interval == PingSettings().train_interval);
}

TEST_CASE("settings that are unknown or wrong are named", "[ping]") {
  struct Row {
    std::string name;
    std::string text;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({
      {"source-ip", "10.0.0.1", "ping has no such setting; did you mean"},
      {"colour", "blue", "ping has no such setting"},
      {"source-ip4", "10.0.0", "10.0.0"},
      {"source-ip4", "10.0.0.1,", ""},
      {"source-ip6", "10.0.0.1", "10.0.0.1"},
      {"period", "0s", "\"0s\" is not from 1s to 1h"},
      {"period", "2h", "\"2h\" is not from 1s to 1h"},
      {"wait", "soon", "\"soon\" is no duration, such as 5s, 1h30m or 250ms"},
      {"wait", "500ms", "\"500ms\" is not from 1s to 1h"},
      {"train-interval", "999us", "\"999us\" is not from 1ms to 1h"},
      {"max-packets", "0", "\"0\" is no number from 1 to 4294967295"},
      {"max-packets", "many", "\"many\" is no number from 1 to 4294967295"},
      {"max-packets", "5000000000", "is no number from 1 to 4294967295"},
  }));
  CAPTURE(row.name, row.text);
  try {
    parse_ping_settings(Texts{{row.name, row.text}});
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    CHECK(error.where() == row.name);
    CHECK_THAT(error.message(), Catch::Contains(row.words));
  }
}
