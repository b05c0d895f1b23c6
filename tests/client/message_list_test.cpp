#include "message_list.hpp"

#include "client/loopback.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::detail::decode_list;
using mplane::detail::split_list;
using mplane::test::loopback_capability;
using mplane::test::registry;

TEST_CASE("a list is split at its outermost commas", "[client][list]") {
  struct Case {
    std::string json;
    std::vector<std::string_view> pieces;
  };
  const std::vector<Case> cases{
      {"[]", {}},
      {" [ 1 , 2 ] ", {"1", "2"}},
      {R"([{"a":[1,2]},"x,y","]\"," ])", {R"({"a":[1,2]})", R"("x,y")", R"("]\",")"}},
      {R"({"contents":[1,2],"envelope":"message"})", {"1", "2"}},
      {R"({"a":{"contents":[3]}, "contents" : [ 1 ]})", {"1"}},
      {R"({"contents":[1],"contents":[2]})", {"2"}},
      {R"({"a":"contents","b":[1]})", {}},
      {R"({"contents":{}})", {}},
      {R"({"contents":)", {}},
      {"", {}},
      {"{", {}},
      {"1", {}},
      {"[1,\"\\", {"1"}},
      {"[,,]", {}},
      {"]", {}},
      {"[1]]]]", {"1"}},
  };
  for (const auto& [json, pieces] : cases) {
    CAPTURE(json);
    CHECK(split_list(json) == pieces);
  }
}

TEST_CASE("envelopes, lists and single messages are read alike", "[client][list]") {
  const std::string one = loopback_capability(R"("token":"one",)");
  const std::string two = loopback_capability(R"("token":"two",)");
  const auto tokens = [](const std::string& json) {
    std::vector<std::string> found;
    for (const Message& message : decode_list(json, registry(), [](const Error&) {})) {
      found.push_back(message.token());
    }
    return found;
  };
  const std::vector<std::string> both{"one", "two"};
  CHECK(tokens(R"({"envelope":"capability","version":1,"contents":[)" + one + "," + two + "]}") ==
        both);
  CHECK(tokens("\n[" + one + "," + two + "]") == both);
  CHECK(tokens(one) == std::vector<std::string>{"one"});
  CHECK(tokens("[]").empty());
}

TEST_CASE("what cannot be read does not spoil the rest of the list", "[client][list]") {
  const std::string good = loopback_capability(R"("token":"good",)");
  std::string bad = good;
  bad.replace(bad.find("test.output"), 11, "no.such.elem");
  std::vector<std::string> complaints;
  const auto complain = [&](const Error& error) { complaints.emplace_back(error.what()); };
  const auto messages = decode_list("[" + bad + "," + good + ",7]", registry(), complain);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].token() == "good");
  REQUIRE(complaints.size() == 2);
  CHECK_THAT(complaints[0], Catch::Contains("no.such.elem"));
  CHECK_THROWS_WITH(decode_list("[" + bad + "]", registry(), complain),
                    Catch::Contains("contents/0") && Catch::Contains("no.such.elem"));
  CHECK_THROWS_AS(decode_list("[" + good, registry(), complain), Error);
}

TEST_CASE("a list of rubbish is given up early", "[client][list]") {
  std::string rubbish = "[";
  for (int i = 0; i < 5000; ++i) rubbish += "x,";
  std::size_t complaints = 0;
  CHECK_THROWS_AS(decode_list(rubbish + "x", registry(), [&](const Error&) { ++complaints; }),
                  Error);
  CHECK(complaints == 1000);
}
