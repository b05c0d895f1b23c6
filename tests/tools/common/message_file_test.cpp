#include "mplane/tools/message_file.hpp"

#include "support/scratch.hpp"

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

Registry core() { return Registry::core(); }

std::string refusal(const std::filesystem::path& file) {
  try {
    load_message(file, core());
  } catch (const Error& error) {
    return error.what();
  }
  return "it was read";
}

}  // namespace

TEST_CASE("a capability is the same, written in YAML or in JSON") {
  const test::ScratchFolder folder;
  const std::string yaml = folder.write("ping.yaml",
                                        "capability: measure\n"
                                        "version: 1\n"
                                        "registry: http://ict-mplane.eu/registry/core\n"
                                        "label: ping\n"
                                        "when: now ... future / 1s\n"
                                        "parameters:\n"
                                        "  source.ip4: 192.0.2.1  # one value\n"
                                        "  destination.ip4: '*'\n"
                                        "  destination.port: 80 ... 443\n"
                                        "results: [time, delay.twoway.icmp.us]\n");
  const std::string json = folder.write(
      "ping.json",
      R"({"capability": "measure", "version": 1, "registry": "http://ict-mplane.eu/registry/core",
          "label": "ping", "when": "now ... future / 1s",
          "parameters": {"source.ip4": "192.0.2.1", "destination.ip4": "*",
                         "destination.port": "80 ... 443"},
          "results": ["time", "delay.twoway.icmp.us"]})");
  const Message message = load_message(yaml, core());
  CHECK(message == load_message(json, core()));
  const auto* const capability = message.find<Capability>();
  REQUIRE(capability != nullptr);
  CHECK(capability->label() == "ping");
  CHECK_NOTHROW(capability->specify("now + 1m / 1s")
                    .set("destination.ip4", "192.0.2.2")
                    .set("destination.port", 80)
                    .build());
}

TEST_CASE("what is wrong in a message's file is named with its place") {
  const test::ScratchFolder folder;
  const std::string no_yaml = folder.write("a.yaml", "capability: measure\nwhen: [now\n");
  CHECK_THAT(refusal(no_yaml), Catch::StartsWith(no_yaml + ":"));
  const std::string wrong = folder.write("b.yml",
                                         "capability: measure\n"
                                         "registry: http://ict-mplane.eu/registry/core\n"
                                         "when: now\n"
                                         "parameters: {destination.ip4: 10.0.0.300}\n");
  CHECK(refusal(wrong) == wrong + ": parameters/destination.ip4: \"10.0.0.300\" is not an address");
  const auto missing = folder.path() / "missing.yaml";
  CHECK_THAT(refusal(missing), Catch::Contains("missing.yaml"));
}
