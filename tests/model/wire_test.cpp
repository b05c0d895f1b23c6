// Every message that the old programs exchanged, as recorded in tests/wire: it is read and written
// again the same, or is refused for the reason given here.

#include "error_of.hpp"
#include "mplane/model/json.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using mplane::Error;
using mplane::Registry;

namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Body {
  std::string where;  // "ci_05_errors.txt 6 request"
  std::string text;
};

std::string header(const std::string& head, const std::string& name) {
  const std::string begin = "\n" + name + ": ";
  const std::size_t at = head.find(begin);
  if (at == std::string::npos) return {};
  return head.substr(at + begin.size(), head.find('\n', at + 1) - at - begin.size());
}

// The number in "=== exchange 12, connection …".
std::string exchange_before(const std::string& text, const std::size_t position) {
  constexpr std::string_view kBegin = "=== exchange ";
  const std::size_t at = text.rfind(kBegin, position) + kBegin.size();
  return text.substr(at, text.find(',', at) - at);
}

// What is said about registrations has the protocol's media type, but is no message.
bool answers_registration(const std::string& text, const std::size_t position) {
  const std::size_t exchange = text.rfind("\n=== exchange ", position);
  const std::size_t request = text.find("\n--- request\n", exchange);
  const std::string line = text.substr(request + 13, text.find('\n', request + 13) - request - 13);
  return line.starts_with("POST /register/capability");
}

// The bodies with the protocol's media type.
std::vector<Body> bodies_in(const fs::path& path) {
  std::vector<Body> bodies;
  const std::string text = contents_of(path);
  for (const std::string side : {"request", "response"}) {
    const std::string begin = "\n--- " + side + "\n";
    for (std::size_t at = text.find(begin); at != std::string::npos;
         at = text.find(begin, at + 1)) {
      const std::size_t head = at + begin.size() - 1;
      const std::size_t blank = text.find("\n\n", head);
      if (blank == std::string::npos) break;
      const std::string headers = text.substr(head, blank + 1 - head);
      if (header(headers, "Content-Type").find("x-mplane+json") == std::string::npos) continue;
      const std::string length = header(headers, "Content-Length");
      if (length.empty() || length == "0") continue;
      if (side == "response" && answers_registration(text, at)) continue;
      bodies.push_back({path.filename().string() + " " + exchange_before(text, at) + " " + side,
                        text.substr(blank + 2, std::stoul(length))});
    }
  }
  return bodies;
}

Registry loopback_registry() {
  return Registry::decode(contents_of(fs::path(MPLANE_SOURCE_DIR) / "registry/loopback.json"));
}

// What is not read, with a part of the reason.
const std::map<std::string, std::string>& refused() {
  static const std::map<std::string, std::string> reasons = {
      // cut off, or no JSON at all
      {"ci_01_discovery.txt 25 request", "not JSON at line 1, column 1"},
      {"ci_05_errors.txt 6 request", "not JSON at line 1, column 19"},
      {"ci_05_errors.txt 8 request", "not JSON at line 1, column 1"},
      {"ci_05_errors.txt 34 request", "not JSON at line 1, column 2"},
      {"ci_10_client_vs_mock.txt 9 response", "not JSON at line 1, column 2"},
      {"co_03_supervisor_errors.txt 9 request", "not JSON at line 1, column 2"},
      {"co_03_supervisor_errors.txt 31 request", "not JSON at line 1, column 2"},
      {"co_08_component_vs_mock.txt 50 response", "not JSON at line 1, column 2"},
      // no message
      {"ci_05_errors.txt 9 request", "a message is an object"},
      {"ci_05_errors.txt 10 request", "no capability, specification, result, … names its kind"},
      {"ci_05_errors.txt 11 request", "no capability, specification, result, … names its kind"},
      // a version, registry or element that nobody knows
      {"ci_05_errors.txt 12 request", "version: \"2\" is newer than 1"},
      {"ci_05_errors.txt 13 request", "registry: \"http://127.0.0.1:9/nosuch\" is not known"},
      {"ci_05_errors.txt 17 request", "parameters/no.such: \"no.such\" is no element"},
      {"ci_10_client_vs_mock.txt 12 response", "contents/1/results/nosuch: \"nosuch\" is no"},
      {"co_03_supervisor_errors.txt 10 request", "contents/0/results/nosuch: \"nosuch\" is no"},
      {"co_08_component_vs_mock.txt 52 response", "contents/0/parameters/nosuch: \"nosuch\""},
      // a section that is missing
      {"ci_05_errors.txt 14 request", "registry: is missing"},
      {"ci_05_errors.txt 15 request", "when: is missing"},
      {"ci_05_errors.txt 27 request", "a redemption needs a token, or a when"},
      // what does not fit: a scope, an address, a number for an element of strings
      {"ci_05_errors.txt 16 request", "when: \"yesterday\" is not a temporal scope"},
      {"ci_05_errors.txt 18 request", "parameters/source.ip4: \"10.0\" is not an address"},
      {"ci_10_client_vs_mock.txt 42 response", "resultvalues/0/0: \"5\" is no string"},
      {"co_03_supervisor_errors.txt 26 request", "resultvalues/0/0: \"5\" is no string"},
  };
  return reasons;
}

// What is read, but cannot be sent: a parameter without a value, a result without a definite scope.
const std::set<std::string>& unfit() {
  static const std::set<std::string> places = {
      "ci_05_errors.txt 21 request",
      "co_03_supervisor_errors.txt 33 request",
  };
  return places;
}

}  // namespace

TEST_CASE("what old programs say is understood", "[wire]") {
  const Registry registry = loopback_registry();
  std::size_t read = 0;
  std::set<std::string> seen;
  for (const auto& entry : fs::directory_iterator(fs::path(MPLANE_SOURCE_DIR) / "tests/wire")) {
    for (const Body& body : bodies_in(entry.path())) {
      CAPTURE(body.where, body.text);
      const auto reason = refused().find(body.where);
      if (reason != refused().end()) {
        const Error error = error_of([&] { mplane::decode(body.text, registry); });
        CHECK_THAT(error.what(), Catch::Contains(reason->second));
        seen.insert(body.where);
        continue;
      }
      const mplane::Message message = mplane::decode(body.text, registry);
      ++read;
      if (unfit().count(body.where) > 0) {
        CHECK(error_of([&] { encode(message); }).kind() == mplane::ErrorKind::Invalid);
      } else {
        CHECK(mplane::decode(encode(message), registry) == message);
      }
    }
  }
  CHECK(seen.size() == refused().size());
  CHECK(read > 300);
}
