#include "mplane/model/error.hpp"
#include "mplane/probes/exec/request.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

using Texts = std::vector<std::string>;

Capability capability() {
  return Capability::measure("c")
      .when("past ... future / 1s")
      .parameter("source.device")
      .parameter("location.latitude")
      .parameter("source.ip4", "192.0.2.1")
      .result("packets.lost")
      .build(Registry::core());
}

Texts fill(Texts templates, const std::string& device, const std::string& latitude = "1",
           const std::string& when = "now + 10s / 2s") {
  templates.emplace_back("end{location.latitude}{source.device}");  // so that all have a place
  const auto specification = capability()
                                 .specify(when)
                                 .set("source.device", Value(device))
                                 .set("location.latitude", Value(latitude))
                                 .build();
  const Instant now = Time::parse("2020-01-01 00:00:00").instant();
  Texts arguments = ArgumentTemplates(templates, capability()).fill(specification, now);
  arguments.pop_back();
  return arguments;
}

std::string refusal(const Texts& templates) {
  try {
    ArgumentTemplates(templates, capability());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("each template becomes exactly one argument, whatever the value", "[exec]") {
  for (const char* const value :
       {"plain", "two words", "$(reboot)", "`id`", "; rm -rf /", "a\nb", "*", "'", "\"",
        "{source.ip4}", "%s", "\\", "~", "$HOME", "--", "-x", " ", "\xc3\xa4"}) {
    CAPTURE(value);
    if (std::string(value) == "*") continue;  // is no value
    CHECK(fill({"-d", "x{source.device}", "={source.device}="}, value) ==
          Texts{"-d", "x" + std::string(value), "=" + std::string(value) + "="});
  }
}

TEST_CASE("values stand where the template says, braces are doubled", "[exec]") {
  CHECK(fill({"{source.device}"}, "eth0") == Texts{"eth0"});
  CHECK(fill({"{source.device}@{location.latitude}"}, "eth0", "1.5") == Texts{"eth0@1.5"});
  CHECK(fill({"{{source.device}}", "}}{{", ""}, "eth0") == Texts{"{source.device}", "}{", ""});
  CHECK(fill({"{source.ip4}"}, "eth0") == Texts{"192.0.2.1"});
}

TEST_CASE("the scope can be told to the program", "[exec]") {
  const Texts places = {"{@duration}", "{@period}", "{@count}"};
  CHECK(fill(places, "d", "1", "now + 10s / 2s") == Texts{"10", "2", "5"});
  CHECK(fill(places, "d", "1", "now + 10s / 3s") == Texts{"10", "3", "4"});
  CHECK(fill(places, "d", "1", "2020-01-01 00:00:00 ... 2020-01-01 00:01:00 / 1s") ==
        Texts{"60", "1", "60"});
  CHECK_THROWS_WITH(fill({"{@duration}"}, "d", "1", "now ... future / 1s"),
                    Catch::StartsWith("when: ") && Catch::Contains("needs an end"));
  const Capability once =
      Capability::measure("c").when("now").result("packets.lost").build(Registry::core());
  CHECK(ArgumentTemplates(places, once).fill(once.specify("now").build(), Instant()) ==
        Texts{"0", "1", "1"});
}

TEST_CASE("a value cannot become an option", "[exec]") {
  for (const char* const value : {"-", "-x", "--", "--output=/etc/passwd"}) {
    CAPTURE(value);
    CHECK_THROWS_WITH(fill({"{source.device}"}, value),
                      Catch::StartsWith("parameters/source.device: ") && Catch::Contains("option"));
    CHECK(fill({"--", "{source.device}"}, value) == Texts{"--", value});
    CHECK(fill({"--device={source.device}"}, value) == Texts{"--device=" + std::string(value)});
  }
  CHECK_THROWS_WITH(fill({"{location.latitude}"}, "x", "-12.5"), Catch::Contains("'-'"));
  // An empty value before it hides nothing, nor does a value that looks like the end of options.
  CHECK_THROWS_WITH(fill({"{source.device}{location.latitude}"}, "", "-1"), Catch::Contains("'-'"));
  CHECK_THROWS_WITH(fill({"{source.device}", "{location.latitude}"}, "--", "-1"),
                    Catch::Contains("'-'"));
}

TEST_CASE("a value that no argument can hold is refused", "[exec]") {
  CHECK_THROWS_WITH(fill({"x{source.device}"}, std::string("a\0b", 3)), Catch::Contains("NUL"));
  CHECK_THROWS_WITH(fill({"x{source.device}"}, std::string(4097, 'a')), Catch::Contains("4096"));
  CHECK(fill({"x{source.device}"}, std::string(4096, 'a'))[0].size() == 4097);
}

TEST_CASE("a template that cannot be filled is a mistake of the configuration", "[exec]") {
  CHECK(refusal({"{source.devise}"}) ==
        "arguments: there is no parameter \"source.devise\" to fill in; did you mean "
        "\"source.device\"?");
  CHECK_THAT(refusal({"{@cuont}"}), Catch::Contains("did you mean \"@count\"?"));
  CHECK_THAT(refusal({"{source.device"}), Catch::Contains("a brace without its other one"));
  CHECK_THAT(refusal({"source.device}"}), Catch::Contains("a brace without its other one"));
  CHECK_THAT(refusal({"{}"}), Catch::Contains("no parameter \"\""));
  CHECK(refusal({"{source.device}"}) ==
        "parameters/location.latitude: no argument has a place for 'location.latitude': write "
        "{location.latitude} in one");
}
