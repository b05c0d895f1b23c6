#include "mplane/model/schema.hpp"

#include "error_of.hpp"
#include "samples.hpp"

using mplane::ErrorKind;
using mplane::Schema;

namespace {

using Names = std::vector<std::string>;

Schema schema(const Names& parameters, const Names& columns) {
  return Schema(samples::core(), parameters, columns);
}

}  // namespace

TEST_CASE("a schema keeps its elements in the order given", "[schema]") {
  const Schema ping = schema({"source.ip4", "destination.ip4"}, {"time", "delay.twoway.icmp.us"});
  REQUIRE(ping.parameters().size() == 2);
  CHECK(ping.parameters()[0]->name() == "source.ip4");
  REQUIRE(ping.columns().size() == 2);
  CHECK(ping.columns()[1]->name() == "delay.twoway.icmp.us");
  CHECK(ping.find_parameter("destination.ip4") == 1U);
  CHECK(ping.column("time") == 0);
  CHECK_FALSE(ping.find_parameter("time"));
  CHECK_FALSE(ping.find_column("source.ip4"));
}

TEST_CASE("schemas are equal whatever the order of their elements", "[schema]") {
  const Schema one = schema({"source.ip4", "destination.ip4"}, {"time", "packets.lost"});
  const Schema other = schema({"destination.ip4", "source.ip4"}, {"packets.lost", "time"});
  CHECK(one == other);
  CHECK(one.key() == other.key());
  CHECK(one.hash() == other.hash());
}

TEST_CASE("another element, or the same as a column, makes another schema", "[schema]") {
  const Schema one = schema({"source.ip4"}, {"time"});
  for (const Schema& other : {schema({"source.ip4"}, {}), schema({}, {"source.ip4", "time"}),
                              schema({"time"}, {"source.ip4"}), schema({"source.ip6"}, {"time"}),
                              schema({"source.ip4", "time"}, {})}) {
    CHECK(one != other);
    CHECK(one.key() != other.key());
    CHECK(one.hash() != other.hash());
  }
}

TEST_CASE("the same names in another registry make another schema", "[schema]") {
  const auto registry = mplane::Registry::decode(
      R"({"registry-format": "mplane-0", "registry-uri": "http://example.org/r",
          "registry-revision": 1, "elements": [{"name": "time", "prim": "time"}]})");
  const Names time = {"time"};
  CHECK(Schema(registry, {}, time) != schema({}, time));
}

TEST_CASE("a schema without elements has a hash, too", "[schema]") {
  CHECK(schema({}, {}).hash() == "a7b45ce66d5abfcb894de36d5d0f0ada");  // recorded
}

TEST_CASE("a schema refuses elements that are unknown or named twice", "[schema]") {
  const auto unknown = error_of([] { schema({}, {"time", "delay.towway.icmp.us"}); });
  CHECK(unknown.kind() == ErrorKind::Invalid);
  CHECK(unknown.where() == "results/delay.towway.icmp.us");
  CHECK_THAT(unknown.message(), Catch::Contains("did you mean \"delay.twoway.icmp.us\""));

  const auto twice = error_of([] { schema({"time", "source.ip4", "time"}, {}); });
  CHECK(twice.kind() == ErrorKind::Invalid);
  CHECK(twice.where() == "parameters");
  CHECK(twice.message() == "\"time\" is named twice");
}

TEST_CASE("asking a schema for what it lacks tells what it has", "[schema]") {
  const Schema ping = schema({"source.ip4", "destination.ip4"}, {});
  const auto parameter = error_of([&] { ping.parameter("source.ip6"); });
  CHECK(parameter.kind() == ErrorKind::Mismatch);
  CHECK(parameter.where() == "parameters/source.ip6");
  CHECK_THAT(parameter.message(), Catch::Contains("source.ip4, destination.ip4"));
  const auto column = error_of([&] { ping.column("time"); });
  CHECK_THAT(column.message(), Catch::Contains("there is none"));
}
