#include "mplane/model/registry.hpp"

#include "error_of.hpp"

#include <map>
#include <string>
#include <string_view>

using mplane::Element;
using mplane::ErrorKind;
using mplane::kCoreRegistryUri;
using mplane::Primitive;
using mplane::Registry;

namespace {

// A registry with one element, or with what is given in its place.
std::string registry_json(const std::string& uri, const std::string& elements,
                          const std::string& includes = "[]") {
  return R"({"registry-format": "mplane-0", "registry-uri": ")" + uri +
         R"(", "registry-revision": 3, "includes": )" + includes + R"(, "elements": )" + elements +
         "}";
}

std::string element_json(const std::string& name, const std::string& primitive) {
  return R"({"name": ")" + name + R"(", "prim": ")" + primitive + R"(", "desc": "d"})";
}

// The registries that a loader finds, by the URI that asks for them.
using Texts = std::map<std::string, std::string, std::less<>>;

Registry::Loader loader_of(const Texts& texts) {
  return [&texts](const std::string_view uri) -> std::string {
    const auto found = texts.find(uri);
    if (found == texts.end()) throw mplane::Error(ErrorKind::Unknown, std::string(uri), "not here");
    return found->second;
  };
}

mplane::Error refusal_of(const std::string& json) {
  return error_of([&json] { Registry::decode(json); });
}

}  // namespace

TEST_CASE("the core registry is built in", "[registry]") {
  const Registry core = Registry::core();
  CHECK(core.uri() == kCoreRegistryUri);
  CHECK(core.revision() == 0);
  CHECK(core.elements().size() == 113);
  CHECK(core.element("delay.twoway.icmp.us.min").primitive() == Primitive::Natural);
  CHECK(core.element("source.ip4").primitive() == Primitive::Address);
  CHECK(core.find("intermedate.as") != nullptr);  // misspelt at its source; names are identity
  for (const Element& element : core.elements()) {
    REQUIRE(core.find(element.name()) == &element);
    REQUIRE(element.registry_uri() == kCoreRegistryUri);
    REQUIRE_FALSE(element.description().empty());
  }
}

TEST_CASE("an unknown element is named, with the one that was meant", "[registry]") {
  const Registry core = Registry::core();
  CHECK(core.find("") == nullptr);
  CHECK(core.find("source.ip") == nullptr);
  CHECK(core.find(std::string(1 << 20, 'x')) == nullptr);
  const auto error = error_of([&core] { core.element("source.ip5"); });
  CHECK(error.kind() == ErrorKind::Invalid);
  CHECK(
      error.message() ==
      R"("source.ip5" is no element of http://ict-mplane.eu/registry/core; did you mean "source.ip4"?)");
  CHECK(error_of([&core] { core.element("weather"); }).message() ==
        R"("weather" is no element of http://ict-mplane.eu/registry/core)");
}

TEST_CASE("a registry has the elements that its text defines, in order", "[registry]") {
  const Registry registry = Registry::decode(
      R"({"registry-format": "mplane-0", "registry-uri": "http://a", "registry-revision": 7,
          "foo": [{}], "elements": [
            "COMMENT: skipped",
            {"name": "a", "prim": "real", "desc": "an a", "units": "us", "ipfix-eid": 5},
            {"name": "b", "prim": "url"},
            {"name": "c", "prim": "boolean", "desc": null},
            {"name": "b", "prim": "time", "desc": "again"}]})");
  CHECK(registry.uri() == "http://a");
  CHECK(registry.revision() == 7);
  REQUIRE(registry.elements().size() == 3);
  CHECK(registry.elements()[0].name() == "a");
  CHECK(registry.elements()[0].description() == "an a");
  CHECK(registry.elements()[1].name() == "b");
  CHECK(registry.elements()[1].primitive() == Primitive::Time);
  CHECK(registry.elements()[2].description().empty());
  CHECK(Registry::decode(registry_json("http://empty", "[]")).elements().empty());
  CHECK(Registry::decode(registry_json("http://empty", "[]")).find("a") == nullptr);
}

TEST_CASE("of a key that is repeated the last value counts", "[registry]") {
  const Registry registry = Registry::decode(
      R"({"registry-format": "mplane-9", "registry-format": "mplane-0", "registry-uri": "http://a",
          "registry-uri": "http://b", "registry-revision": 0, "elements": 5, "elements": []})");
  CHECK(registry.uri() == "http://b");
}

TEST_CASE("many elements are found as quickly as few", "[registry]") {
  std::string elements;
  for (int i = 0; i < 5000; ++i) {
    elements += (i == 0 ? "" : ",") + element_json("name." + std::to_string(i), "natural");
  }
  const Registry registry = Registry::decode(registry_json("http://many", "[" + elements + "]"));
  REQUIRE(registry.elements().size() == 5000);
  for (int i = 0; i < 5000; ++i) {
    const Element* found = registry.find("name." + std::to_string(i));
    REQUIRE(found == &registry.elements()[static_cast<std::size_t>(i)]);
  }
  CHECK(registry.find("name.5000") == nullptr);
}

namespace {

struct Fault {
  std::string json, where, message;
};

const std::string kHead = R"({"registry-format": "mplane-0", "registry-uri": "http://a", )";
const std::string kWhole = kHead + R"("registry-revision": 0, )";
const Fault kFaults[] = {
    {"", "", "not JSON at line 1, column 1: the text ends where a value should be"},
    {"[]", "", "a registry is a JSON object"},
    {"{", "", "not JSON at line 1, column 2"},
    {"{\n  \"a\": 1,\n  x}", "", "not JSON at line 3, column 3"},
    {"{} {}", "", "not JSON at line 1, column 4"},
    {"\xEF\xBB\xBF{}", "", "a byte order mark"},
    {std::string("{}\0", 3), "", "not JSON at line 1, column 3: the text should have ended"},
    {"{\"a\": \"\xFF\"}", "", "not JSON at line 1, column 8: this is not UTF-8"},
    {"{}", "", R"("registry-format" is missing)"},
    {R"({"registry-format": 0})", "registry-format", "should be a text"},
    {R"({"registry-format": "mplane-1"})", "registry-format",
     R"("mplane-1" is not a format we read; that is "mplane-0")"},
    {R"({"registry-format": "mplane-0"})", "", R"("registry-uri" is missing)"},
    {R"({"registry-format": "mplane-0", "registry-uri": ""})", "registry-uri", "the URI is empty"},
    {kHead + R"("elements": []})", "", R"("registry-revision" is missing)"},
    {kHead + R"("registry-revision": "7"})", "registry-revision", "should be a whole number"},
    {kHead + R"("registry-revision": -1})", "registry-revision", "should be a whole number"},
    {kHead + R"("registry-revision": 1.5})", "registry-revision", "should be a whole number"},
    {kHead + R"("registry-revision": 0})", "", R"("elements" is missing)"},
    {kWhole + R"("elements": {}})", "elements", "should be an array"},
    {kWhole + R"("elements": ["hello"]})", "elements/0", "should be an element or a text"},
    {kWhole + R"("elements": ["COMMENT: x", 5]})", "elements/1", "should be an element or a text"},
    {kWhole + R"("elements": [{"prim": "real"}]})", "elements/0", R"("name" is missing)"},
    {kWhole + R"("elements": [{"name": 5, "prim": "real"}]})", "elements/0/name",
     "should be a text"},
    {kWhole + R"("elements": [{"name": "", "prim": "real"}]})", "elements/0/name", "is no name"},
    {kWhole + R"("elements": [{"name": "a b", "prim": "real"}]})", "elements/0/name",
     R"("a b" is no name: names have no blanks)"},
    {kWhole + R"("elements": [{"name": "a#b", "prim": "real"}]})", "elements/0/name", "is no name"},
    {kWhole + R"("elements": [{"name": "a\u0000", "prim": "real"}]})", "elements/0/name",
     "is no name"},
    {kWhole + R"("elements": [{"name": "a"}]})", "elements/0", R"("prim" is missing)"},
    {kWhole + R"("elements": [{"name": "a", "prim": "integer"}]})", "elements/0/prim",
     R"("integer" is no primitive; those are string, natural, real)"},
    {kWhole + R"("elements": [{"name": "a", "prim": "bool"}]})", "elements/0/prim",
     R"("bool" is no primitive)"},
    {kWhole + R"("elements": [{"name": "a", "prim": "real", "desc": 5}]})", "elements/0/desc",
     "should be a text"},
    {kWhole + R"("elements": [], "includes": "x"})", "includes", "should be an array"},
    {kWhole + R"("elements": [], "includes": [5]})", "includes/0", "should be a text"},
    {kWhole + R"("elements": [], "includes": ["http://b"]})", "includes/0",
     R"("http://b" would have to be loaded; here nothing is)"},
};

}  // namespace

TEST_CASE("what is no registry is refused with the place", "[registry]") {
  for (const auto& [json, where, message] : kFaults) {
    CAPTURE(json);
    const auto error = refusal_of(json);
    CHECK(error.where() == where);
    CHECK_THAT(error.message(), Catch::Contains(message));
  }
}

TEST_CASE("a million brackets do not overrun the stack", "[registry]") {
  CHECK(refusal_of(std::string(1 << 20, '[')).kind() == ErrorKind::Malformed);
  const std::string deep = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  CHECK(refusal_of(deep).message() == "a registry is a JSON object");
  CHECK_THAT(refusal_of("{\"a\": " + deep + "}").message(),
             Catch::StartsWith("nested deeper than 1024 levels"));
}

TEST_CASE("a registry that includes another has its elements, and may replace them", "[registry]") {
  const Registry registry = Registry::decode(registry_json(
      "http://a", "[" + element_json("end", "string") + "," + element_json("new.one", "real") + "]",
      R"(["http://ict-mplane.eu/registry/core"])"));
  REQUIRE(registry.elements().size() == 114);
  CHECK(registry.elements().front().name() == "start");
  CHECK(registry.elements()[1].qualified_name() == "http://a#end");
  CHECK(registry.elements().back().name() == "new.one");
  CHECK(registry.element("end").primitive() == Primitive::String);
  CHECK(registry.element("source.ip4").qualified_name() ==
        "http://ict-mplane.eu/registry/core#source.ip4");
}

TEST_CASE("includes are read depth first, each text once, the last definition counts",
          "[registry]") {
  int loads = 0;
  const Texts texts = {
      {"one", registry_json("http://one", "[" + element_json("x", "string") + "]", R"(["deep"])")},
      {"two", registry_json("http://two", "[" + element_json("x", "natural") + "]", R"(["deep"])")},
      {"deep", registry_json("http://deep", "[" + element_json("y", "real") + "," +
                                                element_json("x", "url") + "]")},
  };
  const auto counting = [&](const std::string_view uri) {
    ++loads;
    return loader_of(texts)(uri);
  };
  const Registry registry =
      Registry::decode(registry_json("http://a", "[]", R"(["one", "two", "two"])"), counting);
  CHECK(loads == 3);
  REQUIRE(registry.elements().size() == 2);
  CHECK(registry.elements()[0].qualified_name() == "http://deep#y");
  CHECK(registry.elements()[1].qualified_name() == "http://two#x");
}

TEST_CASE("a loop of includes is refused by its URIs", "[registry]") {
  const Texts texts = {
      {"http://a", registry_json("http://a", "[]", R"(["http://b"])")},
      {"http://b", registry_json("http://b", "[]", R"(["http://c"])")},
      {"http://c", registry_json("http://c", "[]", R"(["http://b"])")},
      {"file/a", registry_json("http://f", "[]", R"(["file/b"])")},
      {"file/b", registry_json("http://g", "[]", R"(["file/a"])")},
      {"self", registry_json("self", "[]", R"(["self"])")},
  };
  const auto loop_of = [&texts](const std::string& uri) {
    return error_of([&] { Registry::decode(texts.at(uri), loader_of(texts)); });
  };
  const auto error = loop_of("http://a");
  CHECK(error.kind() == ErrorKind::Invalid);
  CHECK_THAT(error.message(),
             Catch::EndsWith("form a loop: http://b includes http://c includes http://b"));
  CHECK_THAT(loop_of("self").message(), Catch::EndsWith("form a loop: self includes self"));
  // What asks by another name than the text has is found out when it comes round.
  CHECK_THAT(loop_of("file/a").message(),
             Catch::EndsWith("http://f includes http://g includes http://f"));
}

TEST_CASE("includes are followed to a limit", "[registry]") {
  int depth = 0;
  const auto endless = [&depth](std::string_view) {
    ++depth;
    const auto number = std::to_string(depth);
    return registry_json("http://" + number, "[]", "[\"next" + number + "\"]");
  };
  const auto error =
      error_of([&] { Registry::decode(registry_json("http://0", "[]", R"(["next0"])"), endless); });
  CHECK_THAT(error.message(), Catch::EndsWith("includes are too deep"));
  CHECK(depth < 100);
}

TEST_CASE("an error inside an include says where that is", "[registry]") {
  const Texts texts = {{"b", registry_json("http://b", R"([{"name": "a"}])")}};
  const auto inside = error_of([&texts] {
    Registry::decode(registry_json("http://a", "[]", R"(["b"])"), loader_of(texts));
  });
  CHECK(inside.where() == "includes/0/elements/0");
  const auto missing = error_of([&texts] {
    Registry::decode(registry_json("http://a", "[]", R"(["b2"])"), loader_of(texts));
  });
  CHECK(missing.where() == "includes/0/b2");
  CHECK(missing.message() == "not here");
}

TEST_CASE("a registry knows itself, what it includes, and what was added", "[registry]") {
  const Texts texts = {{"b", registry_json("http://b", "[]", R"(["c"])")},
                       {"c", registry_json("http://c", "[]")}};
  const Registry registry =
      Registry::decode(registry_json("http://a", "[]", R"(["b"])"), loader_of(texts));
  CHECK(registry.known("http://a") == &registry);
  REQUIRE(registry.known("http://b") != nullptr);
  CHECK(registry.known("http://b")->uri() == "http://b");
  CHECK(registry.known("http://c") != nullptr);
  CHECK(registry.known("http://d") == nullptr);
  CHECK(registry.known("") == nullptr);  // the core registry, which it does not include
  CHECK(Registry::core().known("") != nullptr);

  const Registry more = registry.also(Registry::core());
  REQUIRE(more.known("") != nullptr);
  CHECK(more.known("")->uri() == kCoreRegistryUri);
  CHECK(more.known("http://c") != nullptr);
  CHECK(more.uri() == "http://a");
  CHECK(registry.known("") == nullptr);
  CHECK(Registry::core().also(registry).known("http://c") != nullptr);
}

TEST_CASE("a copy is the same registry, with its elements in the same place", "[registry]") {
  const Registry core = Registry::core();
  const Registry copy = core;  // NOLINT(performance-unnecessary-copy-initialization): the point
  const Registry more = core.also(Registry::decode(registry_json("http://a", "[]")));
  CHECK(copy.same(core));
  CHECK(more.same(core));
  CHECK(more.find("start") == core.find("start"));
  CHECK_FALSE(core.same(Registry::core()));
}
