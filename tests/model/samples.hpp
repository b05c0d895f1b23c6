#pragma once

#include "mplane/model.hpp"

#include <string>
#include <string_view>

namespace samples {

/// The core registry.
inline const mplane::Registry& core() {
  static const mplane::Registry registry = mplane::Registry::core();
  return registry;
}

/// 2015-06-01 12:00:00 UTC.
inline constexpr mplane::Instant kNow{std::chrono::seconds(1'433'160'000)};

/// A ping from one address to any, every second or slower.
inline mplane::Capability ping() {
  return mplane::Capability::measure("ping")
      .when("now ... future / 1s")
      .parameter("source.ip4", "10.0.27.2")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.count")
      .build(core());
}

/// A minute of it, at a definite time.
inline mplane::Specification ping_once() {
  return ping()
      .specify("2017-12-24 22:18:42 + 1m / 1s")
      .set("destination.ip4", "10.0.37.2")
      .build();
}

/// Its result, with one row.
inline mplane::Result ping_result() {
  return mplane::Result(ping_once())
      .measured(mplane::When::parse("2017-12-24 22:18:42.993 ... 2017-12-24 22:19:42.991"))
      .row({{"delay.twoway.icmp.us.min", 33155}, {"delay.twoway.icmp.count", 60}});
}

/// The JSON of a message of that kind about the core registry; `sections` begin with a comma.
inline std::string json(const std::string_view kind, const std::string_view sections = "") {
  return R"({")" + std::string(kind) +
         R"(": "measure", "version": 1, "registry": "http://ict-mplane.eu/registry/core")" +
         std::string(sections) + "}";
}

/// The same with a scope of `now`.
inline std::string json_now(const std::string_view kind, const std::string_view sections = "") {
  return json(kind, R"(, "when": "now")" + std::string(sections));
}

inline mplane::Message decode(const std::string_view text) { return mplane::decode(text, core()); }

template <typename T>
T decode_as(const std::string_view text) {
  return mplane::decode_as<T>(text, core());
}

}  // namespace samples
