#include "exec_rig.hpp"
#include "mplane/model/error.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

const Capability kCapability = Capability::measure("c")
                                   .when("now")
                                   .result("packets.lost")
                                   .result("snr")
                                   .result("source.device")
                                   .result("connectivity.ip")
                                   .build(Registry::core());

ExecSettings settings(ExecFormat format, std::vector<std::string> patterns = {}) {
  return {.label = "c",
          .results = {{"snr", "ratio"},
                      {"packets.lost", "lost"},
                      {"source.device", "name"},
                      {"connectivity.ip", "up"}},
          .format = format,
          .patterns = std::move(patterns)};
}

/// The rows that an output yields, in the order of the capability's columns; or why none.
std::string read(const ExecSettings& with, std::string_view output, bool cut = false) {
  try {
    Result result(kCapability.specify("now").build());
    OutputReader(with, kCapability.schema()).read(output, cut, result);
    return test::ExecRig::told(result);
  } catch (const Error& error) {
    return error.what();
  }
}

ExecSettings lines() {
  return settings(ExecFormat::Lines,
                  {"^(?P<name>\\w+): (?P<lost>[-0-9.]+) lost(, snr (?P<ratio>\\S+))?",
                   "^(?P<name>\\w+) is (?P<up>true|false)$"});
}

}  // namespace

TEST_CASE("each line that a pattern matches is a row", "[exec]") {
  CHECK(read(lines(), "a: 1 lost\nnoise\n\nb: 2 lost, snr 0.5\r\nc is true\n") ==
        "1,*,a,*\n2,0.5,b,*\n*,*,c,True\n");
  CHECK(read(lines(), "a: 1 lost") == "1,*,a,*\n");
  CHECK(read(lines(), "").empty());
  CHECK(read(lines(), "\n\n\xff\xfe\n").empty());
  CHECK(read(lines(), "a: 1 lost\nb: 2 lo", true) == "1,*,a,*\n");
  CHECK(read(lines(), "a: 1 lost\nb: 2.5 lost\n") ==
        "line 2 of the output, 'packets.lost': \"2.5\" is not a natural: it is not whole");
}

TEST_CASE("patterns that are searched in the whole text make one row", "[exec]") {
  const auto text = settings(ExecFormat::Text, {"(?P<lost>\\d+) of", "name\\s+(?P<name>\\w+)",
                                                "ratio (?P<ratio>\\S+)", "up (?P<up>\\w+)"});
  CHECK(read(text, "header\n3 of 4\nname\nx\n7 of 9\nup 1") == "3,*,x,True\n");
  CHECK(read(text, "nothing of it").empty());
}

TEST_CASE("JSON objects are rows: one a line, one behind another, or in an array", "[exec]") {
  const auto json = settings(ExecFormat::Json);
  CHECK(read(json, R"({"lost": 1, "ratio": 0.25, "name": "a", "up": true}
{"lost": "2", "other": [1, {}], "name": null}
)") == "1,0.25,a,True\n2,*,*,*\n");
  CHECK(read(json, R"([{"lost":1},{"name":"x\ny"}]{"lost":3} {"else":1})") ==
        "1,*,*,*\n*,*,x\ny,*\n3,*,*,*\n");
  CHECK(read(json, "{\n  \"lost\":\n 18446744073709551615}") == "18446744073709551615,*,*,*\n");
  CHECK(read(json, " \n ").empty());
  CHECK(read(json, R"({"lost":1}{"lost":)", true) == "1,*,*,*\n");

  auto deep = json;
  deep.results[1].source = "/end/sum~1all/0/lost";
  CHECK(read(deep, R"({"end": {"sum/all": [{"lost": 7}]}, "lost": 8})") == "7,*,*,*\n");

  CHECK_THAT(read(json, R"({"lost":1}{"lost":)"),
             Catch::StartsWith("value 2 of the output is no JSON"));
  CHECK_THAT(read(json, "{]"), Catch::StartsWith("value 1 of the output is no JSON"));
  CHECK_THAT(read(json, "{]", true), Catch::StartsWith("value 1 of the output is no JSON"));
  CHECK_THAT(read(json, "7"), Catch::Contains("neither an object nor an array"));
  CHECK_THAT(read(json, "[7]"), Catch::Contains("something that is no object"));
  CHECK_THAT(read(json, R"({"lost": [1]})"), Catch::Contains("more than one value at \"lost\""));
  CHECK_THAT(read(json, R"({"lost": -1})"), Catch::Contains("'packets.lost': \"-1\""));
  CHECK_THAT(read(json, R"({"lost": true})"), Catch::Contains("\"true\" is not a natural"));
}

TEST_CASE("CSV has its columns by name, or by number", "[exec]") {
  auto csv = settings(ExecFormat::Csv);
  CHECK(read(csv, "name,lost,up,ratio,more\na,1,true,0.5,x\n\"b,\"\"c\"\"\nd\", 2 ,,\n\n") ==
        "1,0.5,a,True\n2,*,b,\"c\"\nd,*\n");
  CHECK(read(csv, "name,lost,up,ratio\r\nshort\r\n") == "*,*,short,*\n");
  CHECK(read(csv, "").empty());
  CHECK(read(csv, "name,lost,up,ratio\na,1,,\nb,2", true) == "1,*,a,*\n");
  CHECK(read(csv, "name,lost,up,ratio\na,1,,\n\"b\n", true) == "1,*,a,*\n");
  CHECK(read(csv, "name,lost,up,ratio\na,1,,\n\"b\n") ==
        "record 3 of the output has an open quote");
  CHECK(read(csv, "name,losst,up,ratio\n") ==
        "the output has no column \"lost\"; did you mean \"losst\"?");

  csv.header = false;
  csv.separator = ';';
  csv.results = {{"packets.lost", "2"}, {"source.device", "1"}};
  CHECK(read(csv, "a;1\nb;2\n") == "1,*,a,*\n2,*,b,*\n");
  csv.results[0].source = "0";
  CHECK(read(csv, "") ==
        "results/packets.lost: \"0\" is no column number; without a header columns are counted "
        "from 1");
}

TEST_CASE("numbers can be multiplied, and naturals are rounded then", "[exec]") {
  auto json = settings(ExecFormat::Json);
  json.results[0].factor = 0.5;
  json.results[1].factor = 1000;
  CHECK(read(json, R"({"lost": 0.0435, "ratio": 3})") == "44,1.5,*,*\n");
  CHECK(read(json, R"({"lost": "1e3"})") == "1000000,*,*,*\n");
  json.results[1].factor = 1;
  CHECK(read(json, R"({"lost": 2.75})") == "3,*,*,*\n");
  json.results[1].factor.reset();
  CHECK_THAT(read(json, R"({"lost": 2.75})"), Catch::Contains("'packets.lost'"));
  json.results[1].factor = 1000;
  CHECK_THAT(read(json, R"({"lost": -0.5})"), Catch::Contains("'packets.lost'"));
  CHECK_THAT(read(json, R"({"lost": 1e300})"), Catch::Contains("'packets.lost'"));
  CHECK_THAT(read(json, R"({"lost": "abc"})"), Catch::Contains("\"abc\" is not a real"));
}

TEST_CASE("output cannot hang or crash the reader", "[exec]") {
  const std::string as(1U << 20U, 'a');
  // A reader that backtracks would take years.
  CHECK(read(settings(ExecFormat::Text,
                      {"(?P<name>(a+)+)$(?P<lost>b)?(?P<ratio>b)?(?P<up>b)?", "(a|a|aa)*c"}),
             as + "b")
            .empty());
  CHECK(
      read(settings(ExecFormat::Lines, {"^(?P<name>(\\w*)*)!(?P<lost>b)?(?P<ratio>b)?(?P<up>b)?"}),
           as)
          .empty());
  CHECK_FALSE(read(settings(ExecFormat::Json), std::string(1U << 20U, '[')).empty());
  CHECK_FALSE(read(settings(ExecFormat::Json), std::string(1U << 20U, '{')).empty());
  CHECK(read(settings(ExecFormat::Csv), "name,lost,up,ratio\n" + std::string(1U << 20U, ','))
            .empty());
}

TEST_CASE("text that is no UTF-8 is refused where text is wanted", "[exec]") {
  CHECK_THAT(read(settings(ExecFormat::Csv), "name,lost,up,ratio\n\xff\xfe,1,,\n"),
             Catch::Contains("record 2") && Catch::Contains("not UTF-8"));
  CHECK_THAT(read(settings(ExecFormat::Json), "{\"name\": \"\xff\"}"), Catch::Contains("no JSON"));
}

TEST_CASE("what cannot be read is a mistake of the configuration", "[exec]") {
  CHECK_THAT(read(settings(ExecFormat::Lines), ""),
             Catch::StartsWith("patterns: without patterns"));
  CHECK_THAT(read(settings(ExecFormat::Csv, {"x"}), ""), Catch::StartsWith("patterns: "));
  CHECK_THAT(read(settings(ExecFormat::Lines, {"(?P<name>"}), ""),
             Catch::StartsWith("patterns: \"(?P<name>\" is no pattern: "));
  CHECK(read(settings(ExecFormat::Lines, {"(?P<ratio>)(?P<lots>)(?P<name>)(?P<up>)"}), "") ==
        "results/packets.lost: no pattern has a group (?P<lost>…); did you mean \"lots\"?");
  auto scaled = settings(ExecFormat::Json);
  scaled.results[2].factor = 2;
  CHECK(read(scaled, "") == "results/source.device: only numbers can be multiplied");
}
