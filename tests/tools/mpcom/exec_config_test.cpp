#include "exec_reader.hpp"
#include "mplane/model/error.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

const std::string kGood = R"(label: load
program: /bin/cat
arguments: [/proc/loadavg, "{source.port}"]
parameters:
  source.port: 1 ... 9
patterns: "^(?P<minute>[0-9.]+) "
results:
  rtt.us: minute * 1000
  cpuload: minute
)";

/// The mistakes in settings, a line each; empty if there is a service.
std::string mistakes(const std::string& yaml) {
  ConfigContext context;
  const auto services = test::ExecReader().read(yaml, context);
  try {
    context.mistakes.raise();
  } catch (const Error& error) {
    CHECK(services.empty());
    return error.what();
  }
  CHECK(services.size() == 1);
  return "";
}

std::string with(const std::string& text, const std::string& other) {
  std::string yaml = kGood;
  return mistakes(yaml.replace(yaml.find(text), text.size(), other));
}

}  // namespace

TEST_CASE("settings of exec become a service") {
  ConfigContext context;
  const auto services = test::ExecReader().read(kGood, context);
  context.mistakes.raise();
  REQUIRE(services.size() == 1);
  const Capability& capability = services[0].capability;
  CHECK(capability.label() == "load");
  CHECK(to_string(capability.constraint("source.port")) == "1 ... 9");
  REQUIRE(capability.schema().columns().size() == 2);
  CHECK(capability.schema().columns()[0]->name() == "rtt.us");  // as they stand, not by name
}

TEST_CASE("mistakes in the settings of exec are told with their line") {
  struct Case {
    const char* text;
    const char* other;
    const char* mistake;
  };
  for (const Case& c : {
           Case{"label: load", "label: ''", "f:1: 'label' is missing: what is it called?"},
           Case{"/bin/cat", "/bin/dog", "f:2: \"/bin/dog\" does not exist"},
           Case{"program: /bin/cat", "progrm: /bin/cat",
                "f:2: unknown key \"progrm\" in 'settings'; did you mean \"program\"?"},
           Case{"{source.port}", "{source.prot}",
                "f:3: there is no parameter \"source.prot\" to fill in; did you mean "
                "\"source.port\"?"},
           Case{"{source.port}", "x",
                "f:5: no argument has a place for 'source.port': write {source.port} in one"},
           Case{"1 ... 9", "low", "f:5: \"low\" is not a natural"},
           Case{"source.port: 1", "source.prot: 1", "f:5: \"source.prot\" is no element of "},
           Case{"1 ... 9", "[1, 2]", "f:5: one text is wanted here, not a list"},
           Case{"(?P<minute>", "(?P<minute", "f:6: \"^(?P<minute[0-9.]+) \" is no pattern: "},
           Case{"* 1000", "* many", "f:8: \"minute * many\" ends in no number to multiply by"},
           Case{"cpuload: minute", "cpuload: hour", "f:9: no pattern has a group (?P<hour>"},
           Case{"cpuload: minute", "cpu: minute", "f:9: \"cpu\" is no element of "},
           Case{"label: load", "label: load\nseparator: ab", "f:2: 'separator' has to be one"},
           Case{"label: load", "label: load\nsuccess-codes: [0, ok]",
                "f:2: \"ok\" is no exit code"},
           Case{"label: load", "label: load\nexit-codes: {256: x}", "f:2: \"256\" is no exit code"},
           Case{"label: load", "label: load\nenvironment: {A=B: x}",
                "f:2: \"A=B\" is no name of a variable"},
           Case{"label: load", "label: load\noutput-limit: 1GiB", "f:2: 'output-limit' is over"},
           Case{"label: load", "label: load\nmax-running: 0", "f:2: 'max-running': 0 is not"},
           Case{"label: load", "label: load\nformat: xml", "f:2: 'format': \"xml\" is not"},
           Case{"label: load", "label: load\ntimeout: soon", "f:2: 'timeout': \"soon\""},
           Case{"label: load", "label: load\nwhen: soon", "f:2: "},
           Case{"label: load", "label: load\nregistry: nowhere", "f:2: \"nowhere\" is not among"},
           Case{"label: load", "label: load\ndirectory: /nowhere", "f:2: \"/nowhere\" is no"},
           Case{"label: load", "label: load\nunresolved: content.url",
                "f:2: there is no parameter"},
       }) {
    CAPTURE(c.other);
    CHECK_THAT(with(c.text, c.other), Catch::StartsWith(c.mistake));
  }
  CHECK(with("label: load", "label: load").empty());
}
