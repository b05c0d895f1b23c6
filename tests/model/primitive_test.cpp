#include "mplane/model/primitive.hpp"

#include <catch2/catch.hpp>

using mplane::find_primitive;
using mplane::Primitive;

TEST_CASE("a primitive is found by the name it is written with", "[primitive]") {
  for (const auto primitive :
       {Primitive::String, Primitive::Natural, Primitive::Real, Primitive::Boolean, Primitive::Time,
        Primitive::Address, Primitive::Url}) {
    CHECK(find_primitive(to_string(primitive)) == primitive);
  }
  CHECK(to_string(Primitive::Boolean) == "boolean");
  CHECK(to_string(Primitive::Url) == "url");
}

TEST_CASE("what is not exactly the name of a primitive finds none", "[primitive]") {
  for (const auto* const name : {"", "bool", "Natural", "natural ", "integer", "strin"}) {
    CHECK_FALSE(find_primitive(name));
  }
}
