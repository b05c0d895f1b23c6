#pragma once

#include "mplane/client.hpp"

#include <string>
#include <string_view>

namespace mplane::test {

/// The core registry, and that of the recordings.
inline Registry registry() {
  return Registry::decode(R"({"registry-format": "mplane-0", "registry-revision": 0,
      "registry-uri": "http://mplane.corvid.ch/registry/loopback",
      "includes": ["http://ict-mplane.eu/registry/core"],
      "elements": [{"name": "test.input", "prim": "string"},
                   {"name": "test.output", "prim": "string"}]})");
}

/// A client of peers on this machine, in a hurry.
inline ClientOptions plain() {
  ClientOptions options;
  options.registry = registry();
  options.insecure = true;
  options.timeouts.answer = std::chrono::seconds(5);
  options.timeouts.outage = std::chrono::milliseconds(0);
  return options;
}

/// The capability test-loopback, with more members in front: R"("token":"captok",)".
inline std::string loopback_capability(const std::string& more = {}) {
  return "{" + more + R"("capability":"measure","version":1,
      "registry":"http://mplane.corvid.ch/registry/loopback","label":"test-loopback",
      "when":"now ... future","parameters":{"test.input":"*"},"results":["test.output"]})";
}

/// A message about a measurement of it: kind "specification", "receipt", …
inline std::string loopback_message(const std::string& kind, const std::string& token,
                                    const std::string& more = {}) {
  return "{" + more + "\"" + kind + R"(":"measure","version":1,
      "registry":"http://mplane.corvid.ch/registry/loopback","label":"test-loopback",
      "token":")" +
         token + R"(","when":"now","parameters":{"test.input":"hello"},
      "results":["test.output"]})";
}

/// Its result.
inline std::string loopback_result(const std::string& token, const std::string& output = "hello",
                                   const std::string& when = "2015-06-01 12:00:00") {
  return R"({"result":"measure","version":1,
      "registry":"http://mplane.corvid.ch/registry/loopback","label":"test-loopback",
      "token":")" +
         token + R"(","when":")" + when + R"(","parameters":{"test.input":"hello"},
      "results":["test.output"],"resultvalues":[[")" +
         output + R"("]]})";
}

/// The token of a message that a peer was sent.
inline std::string token_in(const std::string& body) { return decode(body, registry()).token(); }

/// A specification of it.
inline Specification ask_for(const Capability& capability, const std::string_view when = "now") {
  return capability.specify(when).set("test.input", "hello").build();
}

/// The error that an action ends with; fails the test when there is none.
template <typename Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("there was no error");
}

}  // namespace mplane::test
