#include "mplane/model/element.hpp"

#include "mplane/model/registry.hpp"

#include <set>

#include <catch2/catch.hpp>

using mplane::compatible;
using mplane::Element;
using mplane::Primitive;

TEST_CASE("an element carries its name, type, meaning and origin", "[element]") {
  const Element element("source.ip4", Primitive::Address, "where from", "http://example.com/a");
  CHECK(element.name() == "source.ip4");
  CHECK(element.primitive() == Primitive::Address);
  CHECK(element.description() == "where from");
  CHECK(element.registry_uri() == "http://example.com/a");
  CHECK(element.qualified_name() == "http://example.com/a#source.ip4");
}

TEST_CASE("two elements are compatible when their qualified names are equal", "[element]") {
  const Element element("x", Primitive::Natural, "one", "http://example.com/a");
  CHECK(compatible(element, Element("x", Primitive::Real, "other", "http://example.com/a")));
  CHECK_FALSE(compatible(element, Element("y", Primitive::Natural, "one", "http://example.com/a")));
  CHECK_FALSE(compatible(element, Element("x", Primitive::Natural, "one", "http://example.com/b")));
}

TEST_CASE("the key of an element is that of its name alone", "[element]") {
  CHECK(Element("x", Primitive::Natural, "", "a").key() ==
        Element("x", Primitive::Real, "text", "b").key());
  std::set<std::uint64_t> keys;
  const auto core = mplane::Registry::core();
  for (const Element& element : core.elements()) keys.insert(element.key());
  CHECK(keys.size() == core.elements().size());
  CHECK(Element("aaaaaaaa", Primitive::Natural, "", "").key() !=
        Element("aaaaaaaaa", Primitive::Natural, "", "").key());
  CHECK(Element(std::string(1, '\0'), Primitive::Natural, "", "").key() !=
        Element("", Primitive::Natural, "", "").key());
}
