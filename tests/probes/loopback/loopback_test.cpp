#include "mplane/probes/loopback.hpp"

#include "mplane/model/error.hpp"

#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>
#include <variant>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

Registry loopback_registry() {
  std::ifstream file(LOOPBACK_REGISTRY);
  return Registry::decode(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

TEST_CASE("what comes in goes out again", "[loopback]") {
  const auto services = make_loopback(loopback_registry(), {});
  REQUIRE(services.size() == 1);
  const Service& service = services[0];
  CHECK(service.immediate);
  CHECK(service.capability.label() == "test-loopback");
  CHECK(to_string(service.capability.when()) == "now ... future");
  CHECK(service.capability.registry().uri() == kLoopbackRegistryUri);

  const std::string text = GENERATE("hello", "", "\"quoted\" and \u00fcml\u00e4uted", "*");
  CAPTURE(text);
  const Specification specification =
      service.capability.specify("now").set("test.input", Value(text)).build();
  const Result result = std::get<Run>(service.run)(specification, std::stop_token());
  REQUIRE(result.row_count() == 1);
  CHECK(result.rows()[0].value("test.output") == specification.value("test.input"));
  CHECK(result.when().is_definite());
}

TEST_CASE("the elements may be known through another registry", "[loopback]") {
  const auto services = make_loopback(Registry::core().also(loopback_registry()), {});
  CHECK(services.at(0).capability.registry().uri() == kLoopbackRegistryUri);
}

TEST_CASE("without its registry loopback names what it needs", "[loopback]") {
  CHECK_THROWS_WITH(make_loopback(Registry::core(), {}),
                    "loopback needs the registry http://mplane.corvid.ch/registry/loopback");
}

TEST_CASE("loopback takes no settings", "[loopback]") {
  CHECK_THROWS_WITH(make_loopback(loopback_registry(), {{"colour", "blue"}}),
                    "colour: loopback has no settings");
}
