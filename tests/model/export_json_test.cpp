#include "mplane/model/json.hpp"
#include "samples.hpp"

#include <catch2/catch.hpp>

using mplane::Result;

TEST_CASE("an export has native numbers and booleans, and null for no value", "[export]") {
  const Result result = samples::decode_as<Result>(samples::json(
      "result",
      R"(, "when": "2015-01-01", "token": "t", "label": "l", "metadata": {"System_version": "1"},
          "parameters": {"destination.port": 80, "cpuload": 2, "connectivity.ip": true, "start": "2015-01-01", "source.ip4": "*"},
          "results": ["octets.ip", "cpuload", "connectivity.ip", "intermediate.ip4", "source.interface"],
          "resultvalues": [["18446744073709551615", 1e16, false, "10.0.0.1", "a\"b"], ["*", "*", "*", "*", "*"]])"));
  CHECK(export_json(result, "org.example.probe") ==
        R"({"label":"l","token":"t","when":"2015-01-01 00:00:00.000000",)"
        R"("component":"org.example.probe",)"
        R"("parameters":{"destination.port":80,"cpuload":2.0,"connectivity.ip":true,)"
        R"("start":"2015-01-01 00:00:00.000000","source.ip4":null},)"
        R"("metadata":{"System_version":"1"},)"
        R"("rows":[{"octets.ip":18446744073709551615,"cpuload":1e+16,"connectivity.ip":false,)"
        R"("intermediate.ip4":"10.0.0.1","source.interface":"a\"b"},)"
        R"({"octets.ip":null,"cpuload":null,"connectivity.ip":null,"intermediate.ip4":null,)"
        R"("source.interface":null}]})");
}

TEST_CASE("an export leaves out who measured if that is not known", "[export]") {
  CHECK(export_json(samples::ping_result().with_token("t"), "", true) == R"({
  "label": "ping",
  "token": "t",
  "when": "2017-12-24 22:18:42.993000 ... 2017-12-24 22:19:42.991000",
  "parameters": {
    "source.ip4": "10.0.27.2",
    "destination.ip4": "10.0.37.2"
  },
  "metadata": {},
  "rows": [
    {
      "delay.twoway.icmp.us.min": 33155,
      "delay.twoway.icmp.count": 60
    }
  ]
})");
}
