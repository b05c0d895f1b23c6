#include "mplane/model/capability_index.hpp"

#include "mplane/model/specification.hpp"
#include "samples.hpp"

#include <catch2/catch.hpp>

using mplane::Capability;
using mplane::CapabilityIndex;
using mplane::Specification;
using samples::kNow;
using Ids = std::vector<std::size_t>;

namespace {

Capability port(const std::string& constraint, const std::string& verb = "measure",
                const std::string& column = "flows") {
  return Capability::of(verb, "port " + constraint)
      .when("now ... future")
      .parameter("destination.port", constraint)
      .result(column)
      .build(samples::core());
}

Specification ask(const int number) {
  return port("*").specify("now").set("destination.port", number).build();
}

}  // namespace

TEST_CASE("an index finds all that accept, in the order of offers", "[index]") {
  CapabilityIndex index;
  for (const char* constraint : {"1 ... 100", "80", "22,443", "*"}) index.add(port(constraint));
  index.add(port("*", "query"));
  index.add(port("*", "measure", "packets.lost"));
  CHECK(index.size() == 6);
  CHECK(index.accepting(ask(80), kNow) == Ids{0, 1, 3});
  CHECK(index.accepting(ask(443), kNow) == Ids{2, 3});
  CHECK(index.first_accepting(ask(443), kNow)->label() == "port 22,443");
  CHECK(index.with_schema(ask(80).schema()) == Ids{0, 1, 2, 3, 4});
  CHECK(index.accepting(samples::ping_once(), kNow).empty());
  CHECK(index.first_accepting(samples::ping_once(), kNow) == nullptr);
  CHECK(index.with_schema(samples::ping().schema()).empty());
}

TEST_CASE("an index knows scopes", "[index]") {
  CapabilityIndex index;
  index.add(port("*").with_when(mplane::When::parse("now ... future / 1s")));
  CHECK(index.accepting(ask(80), kNow).empty());
}

TEST_CASE("what is taken out of an index is gone, and its id with it", "[index]") {
  CapabilityIndex index;
  const auto first = index.add(port("1 ... 100"));
  const auto second = index.add(port("80"));
  index.remove(first);
  CHECK(index.accepting(ask(80), kNow) == Ids{second});
  CHECK(index.find(first) == nullptr);
  CHECK(index.find(second)->label() == "port 80");
  index.remove(first);
  index.remove(99);
  CHECK(index.size() == 1);
  index.remove(second);
  CHECK(index.accepting(ask(80), kNow).empty());
  CHECK(index.add(port("*")) == 2);
  CHECK(index.find(2) != nullptr);
}
